import { fail, type Failure } from '../core/errors.ts';
import type { ClientId } from '../core/ids.ts';
import { clientExists, noSuchClient } from '../db/clients.ts';
import type { ClientUnit } from '../db/scope.ts';
import { actingRole, type UserIdentity } from '../identity/identity.ts';
import { decide, permissionKey, type RoleGrants } from './decide.ts';
import { loadPrincipal, loadRoles } from './load.ts';

/** By what the actor may act in a client: as an admin, or by a role and, for people, a membership. */
export type Standing =
  | { readonly isAdmin: true }
  | { readonly isAdmin: false; readonly role: RoleGrants; readonly membershipId: string | null };

/**
 * For routes whose client is not in the path but in what they are about: the same decision once more,
 * for the unit's client. A grant held in one client says nothing of another.
 */
export async function standingIn(
  unit: ClientUnit,
  actor: UserIdentity,
  permission: { readonly method: string; readonly path: string },
): Promise<Standing | Failure> {
  const { clientId } = unit.scope;
  if (actor.isAdmin) {
    return (await clientExists(unit)) ? { isAdmin: true } : noSuchClient(clientId);
  }
  if (actor.kind === 'token') return standingOfToken(unit, actingRole(actor), permission);
  const principal = await loadPrincipal(unit, actor.userId);
  if (principal === undefined) return fail('unauthenticated', 'The user is gone; sign in again.');
  const roles = await loadRoles(unit);
  const key = permissionKey(permission.method, permission.path);
  const attempt = { access: 'grant', clientId, permission: key } as const;
  const decision = decide(principal, (id) => roles.get(id), attempt);
  if (!decision.allowed) return fail(decision.code, decision.reason);
  if (decision.role === null) return noSuchClient(clientId);
  return { isAdmin: false, role: decision.role, membershipId: decision.membership.id };
}

/** The gateway has seen that the token's client is active; here it must be this one. */
async function standingOfToken(
  unit: ClientUnit,
  acting: { readonly clientId: ClientId; readonly roleId: string } | null,
  { method, path }: { readonly method: string; readonly path: string },
): Promise<Standing | Failure> {
  if (acting?.clientId !== unit.scope.clientId) return noSuchClient(unit.scope.clientId);
  const role = (await loadRoles(unit, [acting.roleId])).get(acting.roleId);
  const key = permissionKey(method, path);
  return role?.grants.has(key)
    ? { isAdmin: false, role, membershipId: null }
    : fail('forbidden', `The token’s role does not hold ${key}.`);
}

/** Whether all of the client is in view: for admins, machine tokens, and members who report to nobody. */
export async function isAtTop(unit: ClientUnit, standing: Standing): Promise<boolean> {
  if (standing.isAdmin || standing.membershipId === null) return true;
  const root: unknown = await unit
    .trx('user_clients')
    .where({ client_id: unit.scope.clientId, id: standing.membershipId })
    .whereNull('reports_to_user_client_id')
    .first('id');
  return root !== undefined;
}
