import { asGivable, pairsWith, refuseGiving, type Givable } from '../../../lib/access/giving.ts';
import { loadRoles } from '../../../lib/access/load.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import {
  allClients,
  globalScope,
  type AllClientsScope,
  type GlobalScope,
  type Unit,
} from '../../../lib/db/scope.ts';
import { actingRole, type UserIdentity } from '../../../lib/identity/identity.ts';

/** A role concerns every client in which it is held, and whoever may change it there is looked up there. */
export function scopeOfChange(actor: UserIdentity): GlobalScope | AllClientsScope {
  return actor.isAdmin
    ? globalScope
    : allClients('a role may be changed by whoever could give it wherever it is held');
}

const HELD = `
  SELECT client_id, role_id FROM user_clients WHERE role_id = CAST(:role AS uuid)
  UNION SELECT client_id, role_id FROM machine_tokens WHERE role_id = CAST(:role AS uuid)`;

/**
 * May the actor make this of the role? Admins may; others only if, in every client in which anybody
 * has the role, they could give it as it is and as it would be. Callers hold the role's lock, so that
 * nobody is given it meanwhile.
 */
export async function refuseRoleChange(
  unit: Unit,
  actor: UserIdentity,
  roleId: string,
  changed: Partial<Givable>,
): Promise<Failure | undefined> {
  if (actor.isAdmin) return undefined;
  const pairs = await pairsWith(unit, actor, { sql: HELD, bindings: { role: roleId } });
  if (pairs.some(({ own }) => own === null)) {
    return fail(
      'forbidden',
      'The role is held in clients in which you have no role; an administrator may change it.',
    );
  }
  const acting = actingRole(actor)?.roleId;
  const ownIds = new Set([acting, ...pairs.map(({ own }) => own)].filter((id) => id != null));
  const roles = await loadRoles(unit, [...ownIds, roleId]);
  const role = roles.get(roleId);
  if (role === undefined || ownIds.size === 0) return fail('forbidden', 'You have no role here.');
  for (const ownId of ownIds) {
    const own = roles.get(ownId);
    const before = asGivable(role);
    const refusal =
      refuseGiving(own, before) ?? refuseGiving(own, { ...asGivable(role), ...changed });
    if (refusal) return refusal;
  }
  return undefined;
}

/** May the actor make a role of this level? Nobody one more senior than that by which they act. */
export async function refuseNewRole(
  unit: Unit,
  actor: UserIdentity,
  role: { readonly name: string; readonly level: number },
): Promise<Failure | undefined> {
  if (actor.isAdmin) return undefined;
  const acting = actingRole(actor);
  const roles = acting ? await loadRoles(unit, [acting.roleId]) : undefined;
  return refuseGiving(acting ? roles?.get(acting.roleId) : undefined, { ...role, grants: [] });
}
