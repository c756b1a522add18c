import { z } from 'zod';
import { fail, type Failure } from '../core/errors.ts';
import type { Unit } from '../db/scope.ts';
import { actingRole, type UserIdentity } from '../identity/identity.ts';
import type { RoleGrants } from './decide.ts';
import { loadRoles } from './load.ts';

/** As much of a role as decides who may give it. */
export type Givable = Pick<RoleGrants, 'name' | 'level'> & {
  /** `METHOD /path/template`. */
  readonly grants: Iterable<string>;
};

/**
 * Nobody gives more than they have: a role is given by whoever's own is at least as senior and holds
 * all that it holds. The refusal names the first grant in excess, by path and method.
 */
export function refuseGiving(own: RoleGrants | undefined, given: Givable): Failure | undefined {
  if (own === undefined)
    return fail('forbidden', `You have no role by which to give ${given.name}.`);
  if (given.level < own.level) {
    return fail(
      'forbidden',
      `Role ${given.name} (level ${given.level}) is more senior than your own (level ${own.level}).`,
    );
  }
  const [excess] = [...given.grants].filter((key) => !own.grants.has(key)).toSorted(byPath);
  if (excess === undefined) return undefined;
  return fail(
    'forbidden',
    `Role ${given.name} holds ${excess}, which your own role ${own.name} does not: nobody gives more than they have.`,
  );
}

/** May the actor give this role in the client in which they act? Admins any. */
export async function refuseGivingRole(
  unit: Unit,
  actor: UserIdentity,
  roleId: string,
): Promise<Failure | undefined> {
  if (actor.isAdmin) return undefined;
  const own = actingRole(actor);
  const roles = await loadRoles(unit, own ? [own.roleId, roleId] : [roleId]);
  const given = roles.get(roleId);
  if (given === undefined) return fail('forbidden', 'There is no such role to give.');
  return refuseGiving(own ? roles.get(own.roleId) : undefined, asGivable(given));
}

export const asGivable = ({ name, level, grants }: RoleGrants): Givable => ({
  name,
  level,
  grants: grants.keys(),
});

/** A query of `client_id` and `role_id`: by which role the actor acts in each active client of theirs. */
export function ownRolesOf(actor: UserIdentity): {
  readonly sql: string;
  readonly bindings: Readonly<Record<string, string | null>>;
} {
  if (actor.kind === 'token') {
    const { clientId = null, roleId = null } = actor.role ?? {};
    return {
      sql: `SELECT CAST(:ownClient AS text) AS client_id, CAST(:ownRole AS uuid) AS role_id`,
      bindings: { ownClient: clientId, ownRole: roleId },
    };
  }
  return {
    sql: `SELECT m.client_id, m.role_id FROM user_clients m JOIN clients c ON c.client_id = m.client_id
      WHERE m.user_id = CAST(:ownUser AS uuid) AND c.status = 'active'`,
    bindings: { ownUser: actor.userId },
  };
}

const pairRow = z.object({ own: z.string().nullable(), given: z.string() });

/** A role that somebody has in a client, and the actor's own there; null where they have none. */
export type RolePair = z.infer<typeof pairRow>;

/**
 * The pairs of the clients in which `held` (a query of `client_id` and `role_id`) says that roles are
 * had. The unit must show every client.
 */
export async function pairsWith(
  unit: Unit,
  actor: UserIdentity,
  held: { readonly sql: string; readonly bindings: Readonly<Record<string, string>> },
): Promise<RolePair[]> {
  const own = ownRolesOf(actor);
  return unit.rows(
    pairRow,
    `SELECT DISTINCT own.role_id AS own, held.role_id AS given
     FROM (${held.sql}) AS held LEFT JOIN (${own.sql}) AS own ON own.client_id = held.client_id`,
    { ...held.bindings, ...own.bindings },
  );
}

function byPath(one: string, other: string): number {
  const [method = '', path = ''] = one.split(' ');
  const [otherMethod = '', otherPath = ''] = other.split(' ');
  return path === otherPath ? compare(method, otherMethod) : compare(path, otherPath);
}

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
