import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import { clientExists, noSuchClient } from '../../../lib/db/clients.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import { actorOf, eventsAreBy } from '../../../lib/events/actor.ts';
import { maskAddress, normaliseAddress } from './address.ts';
import {
  channelOf,
  type NewSuppression,
  type SuppressedAddress,
  type Suppression,
  type SuppressionFilters,
} from './shapes.ts';
import { present } from './present.ts';
import * as store from './store.ts';

export interface SuppressionService {
  list(clientId: ClientId, filters: SuppressionFilters): Promise<Page<Suppression> | Failure>;
  /** Nothing goes to this address any more. `isNew` is false when that was so already. */
  add(
    actor: Actor,
    clientId: ClientId,
    input: NewSuppression,
  ): Promise<{ suppression: Suppression; isNew: boolean } | Failure>;
  /** Whoever it is may be written to again; nothing that was skipped is sent by that. */
  lift(
    actor: Actor,
    clientId: ClientId,
    which: SuppressedAddress | { readonly id: string },
  ): Promise<Failure | undefined>;
}

export function createSuppressionService(deps: {
  database: Database;
  clock: Clock;
}): SuppressionService {
  const { database, clock } = deps;
  return {
    async list(clientId, { channel, address, limit, cursor: text }) {
      const cursor = readCursor(text, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        const wanted =
          address &&
          (await normaliseAddress(unit, { channel: channelOf(address, channel), address }));
        if (isFailure(wanted)) return wanted;
        return store.listSuppressions(
          unit,
          { channel, address: wanted },
          { limit, beforeId: cursor?.[0] },
        );
      });
      return isFailure(rows) ? rows : toPage(rows, limit, (row) => [row.id], present);
    },

    async add(actor, clientId, { channel, address: given, reason }) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        const address = await normaliseAddress(unit, { channel, address: given });
        if (isFailure(address)) return address;
        await eventsAreBy(unit, actorOf(actor.identity));
        const key = { channel, address };
        const { row, isNew } = await store.addSuppression(unit, key, reason ?? null, clock());
        if (isNew) await auditChange(unit, actor, 'suppression.add', row);
        return { suppression: present(row), isNew };
      });
    },

    async lift(actor, clientId, which) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const row = await find(unit, which);
        if (isFailure(row)) return row;
        if (row === undefined) return fail('not_found', 'The client suppresses no such address.');
        await store.liftSuppression(unit, row.id, actorOf(actor.identity), clock());
        await auditChange(unit, actor, 'suppression.lift', row);
        return undefined;
      });
    },
  };
}

async function find(
  unit: ClientUnit,
  which: SuppressedAddress | { readonly id: string },
): Promise<store.SuppressionRow | undefined | Failure> {
  if ('id' in which) return store.findSuppressionById(unit, which.id);
  const address = await normaliseAddress(unit, which);
  return isFailure(address)
    ? address
    : store.findSuppression(unit, { channel: which.channel, address });
}

async function auditChange(
  unit: ClientUnit,
  actor: Actor,
  action: string,
  { id, channel, address }: store.SuppressionRow,
): Promise<void> {
  const detail = { channel, address: maskAddress(channel, address) };
  await audit(unit, actor, { action, targetKind: 'suppression', targetId: id, detail });
}
