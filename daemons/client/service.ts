import { defined } from '../../lib/core/defined.ts';
import { z } from 'zod';
import { isSupportedCountry } from 'libphonenumber-js';
import { audit, type Actor } from '../../lib/audit/audit.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import { clientIdSchema, type ClientId } from '../../lib/core/ids.ts';
import { readCursor, toPage, type Page } from '../../lib/core/paging.ts';
import { noSuchClient } from '../../lib/db/clients.ts';
import type { Database } from '../../lib/db/database.ts';
import {
  allClients,
  clientScope,
  userScope,
  type AllClientsScope,
  type ClientScope,
  type ClientUnit,
  type UserScope,
} from '../../lib/db/scope.ts';
import { actingRole, type UserIdentity } from '../../lib/identity/identity.ts';
import type {
  Availability,
  ClientChange,
  ClientFilters,
  ClientStatus,
  ClientView,
  NewClient,
} from './contract.ts';
import { present } from './present.ts';
import * as store from './store.ts';

export interface ClientService {
  create(actor: Actor, input: NewClient): Promise<ClientView | Failure>;
  /** All of them for an admin, else those the user is a member of, or the machine token's own. */
  list(actor: UserIdentity, filters: ClientFilters): Promise<Page<ClientView> | Failure>;
  get(clientId: ClientId): Promise<ClientView | Failure>;
  update(actor: Actor, clientId: ClientId, change: ClientChange): Promise<ClientView | Failure>;
  /** Never fails for an id that cannot be: it says what is wrong with it. */
  availability(wanted: string): Promise<Availability>;
}

export function createClientService(deps: { database: Database; clock: Clock }): ClientService {
  const { database, clock } = deps;
  return {
    async create(actor, { client_id: clientId, ...input }) {
      const refusal = refuseCountry(input.default_country);
      if (refusal) return refusal;
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const row = await store.insertClient(unit, { ...input, created_at: clock() });
        if (row === 'id_taken') return idTaken(clientId);
        const { name, status, default_country } = row;
        await auditClient(unit, actor, 'client.create', { name, status, default_country });
        return present(row);
      });
    },

    async list(actor, filters) {
      const cursor = readCursor(filters.cursor, z.tuple([clientIdSchema]));
      if (isFailure(cursor)) return cursor;
      const scope = listedTo(actor);
      if (scope === undefined) return { data: [], next_cursor: null };
      const rows = await database.inTransaction(scope, (unit) =>
        store.listClients(unit, filters, cursor?.[0]),
      );
      return toPage(rows, filters.limit, (row) => [row.client_id], present);
    },

    async get(clientId) {
      const row = await database.inTransaction(clientScope(clientId), store.findClient);
      return row ? present(row) : noSuchClient(clientId);
    },

    async update(actor, clientId, change) {
      const refusal = refuseCountry(change.default_country);
      if (refusal) return refusal;
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const before = await store.lockClient(unit);
        if (before === undefined) return noSuchClient(clientId);
        const changes = changesBetween(before, change);
        // What changes nothing is not written: it would be audited and announced to every gateway.
        if (Object.keys(changes).length === 0) return present(before);
        const after = await store.updateClient(unit, { ...patchOf(change), updated_at: clock() });
        await auditClient(unit, actor, updateAction(before.status, after.status), changes);
        return present(after);
      });
    },

    async availability(wanted) {
      const parsed = clientIdSchema.safeParse(wanted);
      if (!parsed.success) {
        const reason = parsed.error.issues[0]?.message ?? 'not a client id';
        return { client_id: wanted, valid: false, available: false, reason };
      }
      const taken = await database.inTransaction(clientScope(parsed.data), store.findClient);
      const reason = taken ? 'The id is taken.' : null;
      return { client_id: wanted, valid: true, available: !taken, reason };
    },
  };
}

/** The scope in which the clients that are the actor's own can be seen. */
function listedTo(actor: UserIdentity): AllClientsScope | ClientScope | UserScope | undefined {
  if (actor.isAdmin) return allClients('an admin lists every client');
  if (actor.kind === 'user') return userScope(actor.userId);
  const acting = actingRole(actor);
  return acting ? clientScope(acting.clientId) : undefined;
}

const STATUS_ACTIONS: Readonly<Record<ClientStatus, string>> = {
  active: 'client.activate',
  suspended: 'client.suspend',
  archived: 'client.archive',
};

function updateAction(before: ClientStatus, after: ClientStatus): string {
  return before === after ? 'client.update' : STATUS_ACTIONS[after];
}

async function auditClient(
  unit: ClientUnit,
  actor: Actor,
  action: string,
  detail: Record<string, unknown>,
): Promise<void> {
  const targetId = unit.scope.clientId;
  await audit(unit, actor, { action, targetKind: 'client', targetId, detail });
}

function patchOf({ name, status, default_country }: ClientChange): store.ClientPatch {
  return {
    ...defined({ name, status, default_country }),
  };
}

/** `{field: [before, after]}` of what differs. */
function changesBetween(before: store.ClientRow, change: ClientChange): Record<string, unknown> {
  const pairs = {
    name: [before.name, change.name],
    status: [before.status, change.status],
    default_country: [before.default_country, change.default_country],
  };
  return Object.fromEntries(
    Object.entries(pairs).filter(([, [old, next]]) => next !== undefined && next !== old),
  );
}

function refuseCountry(country: string | null | undefined): Failure | undefined {
  if (country == null || isSupportedCountry(country)) return undefined;
  return fail('validation_failed', `There is no country ${country} that numbers belong to.`, {
    errors: [{ path: 'body.default_country', message: 'not a country of ISO 3166-1' }],
  });
}

function idTaken(clientId: ClientId): Failure {
  return fail('client_exists', `There is a client ${clientId} already; pick another id.`);
}
