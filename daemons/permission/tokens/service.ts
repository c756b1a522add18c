import { asGivable, refuseGiving } from '../../../lib/access/giving.ts';
import { standingIn, type Standing } from '../../../lib/access/in-client.ts';
import { loadRoles } from '../../../lib/access/load.ts';
import { audit } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { clientIdSchema, newId } from '../../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import type { Database } from '../../../lib/db/database.ts';
import {
  allClients,
  clientScope,
  type AllClientsScope,
  type ClientScope,
  type ClientUnit,
} from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { newMachineToken } from '../../../lib/secrets/tokens.ts';
import type { RoleActor } from '../roles/service.ts';
import { clientsListedTo, refuseBelowTop } from './policy.ts';
import { presentToken } from './present.ts';
import type {
  MachineToken,
  MachineTokenWithSecret,
  NewMachineToken,
  TokenFilters,
} from './shapes.ts';
import * as store from './store.ts';

export interface MachineTokenService {
  /** The new token with its value, which cannot be had a second time. */
  create(actor: RoleActor, input: NewMachineToken): Promise<MachineTokenWithSecret | Failure>;
  /** Everybody's for admins; for others those of the clients in which they may list them. */
  list(actor: UserIdentity, filters: TokenFilters): Promise<Page<MachineToken> | Failure>;
  get(actor: UserIdentity, id: string): Promise<MachineToken | Failure>;
  /** Dead at every gateway within a second. */
  revoke(actor: RoleActor, id: string): Promise<Failure | undefined>;
}

const MAKE = { method: 'POST', path: '/api/tokens' } as const;
const READ = { method: 'GET', path: '/api/tokens/{token_id}' } as const;
const REVOKE = { method: 'DELETE', path: '/api/tokens/{token_id}' } as const;

const everybodys = allClients('an administrator’s token belongs to no client');

export function createMachineTokenService(deps: {
  database: Database;
  clock: Clock;
}): MachineTokenService {
  const { database, clock } = deps;

  /** Works on a token in its own client, where the actor must hold the permission; admins may everywhere. */
  const onToken = async <T>(
    actor: UserIdentity,
    id: string,
    permission: typeof READ | typeof REVOKE,
    work: (unit: store.TokenUnit, row: store.TokenRow, standing: Standing) => Promise<T | Failure>,
  ): Promise<T | Failure> => {
    const row = await database.inTransaction(everybodys, (unit) => store.findToken(unit, id));
    if (row === undefined) return noSuchToken(id);
    if (actor.isAdmin) {
      return database.inTransaction(scopeOf(row), (unit) => work(unit, row, { isAdmin: true }));
    }
    if (row.client_id === null) return noSuchToken(id);
    const scope = clientScope(clientIdSchema.parse(row.client_id));
    return database.inTransaction(scope, async (unit) => {
      const standing = await standingIn(unit, actor, permission);
      if (!isFailure(standing)) return work(unit, row, standing);
      return standing.code === 'not_found' ? noSuchToken(id) : standing;
    });
  };

  return {
    create(actor, input) {
      const { client_id: clientId } = input;
      if (clientId !== undefined) {
        return database.inTransaction(clientScope(clientId), (unit) =>
          createForClient(unit, actor, input, clock()),
        );
      }
      if (!actor.identity.isAdmin) {
        return Promise.resolve(
          fail('forbidden', 'Only an administrator makes a token that acts as one; name a client.'),
        );
      }
      return database.inTransaction(everybodys, (unit) =>
        insert(unit, actor, { input, roleId: null, now: clock() }),
      );
    },

    async list(actor, { client_id: wanted, limit, cursor: text }) {
      const cursor = readCursor(text, idCursor);
      if (isFailure(cursor)) return cursor;
      const open = await clientsListedTo(database, actor);
      const isOpen = open === 'all' || wanted === undefined || open.includes(wanted);
      const shown = wanted === undefined ? open : isOpen ? [wanted] : [];
      const rows = await database.inTransaction(everybodys, (unit) =>
        store.listTokens(unit, shown, { limit, beforeId: cursor?.[0] }),
      );
      return toPage(rows, limit, (row) => [row.id], presentToken);
    },

    get: (actor, id) => onToken(actor, id, READ, async (_unit, row) => presentToken(row)),

    revoke(actor, id) {
      return onToken(actor.identity, id, REVOKE, async (unit, row, standing) => {
        const refusal = row.role_id && (await refuseRole(unit, standing, row.role_id));
        if (refusal) return refusal;
        if (!(await store.revokeToken(unit, id, clock()))) return noSuchToken(id);
        await audit(unit, actor, { action: 'token.revoke', ...on(id), detail: { name: row.name } });
        return undefined;
      });
    },
  };
}

function scopeOf(row: store.TokenRow): ClientScope | AllClientsScope {
  return row.client_id === null ? everybodys : clientScope(clientIdSchema.parse(row.client_id));
}

async function createForClient(
  unit: ClientUnit,
  actor: RoleActor,
  input: NewMachineToken,
  now: Date,
): Promise<MachineTokenWithSecret | Failure> {
  const standing = await standingIn(unit, actor.identity, MAKE);
  if (isFailure(standing)) return standing;
  const role = await store.findRoleToGive(
    unit,
    input.role_id === undefined ? { name: input.role ?? '' } : { id: input.role_id },
  );
  if (role === undefined) return noSuchRole(input);
  const refusal =
    (await refuseBelowTop(unit, standing)) ?? (await refuseRole(unit, standing, role.id));
  return refusal ?? insert(unit, actor, { input, roleId: role.id, now });
}

async function refuseRole(
  unit: store.TokenUnit,
  standing: Standing,
  roleId: string,
): Promise<Failure | undefined> {
  if (standing.isAdmin) return undefined;
  const given = (await loadRoles(unit, [roleId])).get(roleId);
  return given && refuseGiving(standing.role, asGivable(given));
}

async function insert(
  unit: store.TokenUnit,
  actor: RoleActor,
  { input, roleId, now }: { input: NewMachineToken; roleId: string | null; now: Date },
): Promise<MachineTokenWithSecret | Failure> {
  const { token, tokenPrefix, hash } = newMachineToken();
  const id = newId();
  const done = await store.insertToken(unit, {
    id,
    name: input.name,
    client_id: input.client_id ?? null,
    role_id: roleId,
    token_hash: hash,
    token_prefix: tokenPrefix,
    created_at: now,
    expires_at: input.expires_at === undefined ? null : new Date(input.expires_at),
  });
  if (done === 'name_taken') {
    return fail(
      'conflict',
      `There is a token named "${input.name}"; revoke it, or pick another name.`,
    );
  }
  const row = await store.findToken(unit, id);
  if (row === undefined) return noSuchToken(id);
  const detail = { name: row.name, client_id: row.client_id, role: row.role_name ?? null };
  await audit(unit, actor, { action: 'token.create', ...on(id), detail });
  return { ...presentToken(row), token };
}

const on = (targetId: string) => ({ targetKind: 'token', targetId });

function noSuchToken(id: string): Failure {
  return fail('not_found', `There is no live machine token ${id} that you may see.`);
}

function noSuchRole({ role, role_id: id }: NewMachineToken): Failure {
  const field = id === undefined ? 'role' : 'role_id';
  return fail('validation_failed', `There is no role ${id ?? role}.`, {
    errors: [{ path: `body.${field}`, message: 'no such role' }],
  });
}
