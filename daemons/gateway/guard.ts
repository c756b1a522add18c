import {
  clientInQuestion,
  decide,
  permissionKey,
  type Decision,
  type PrincipalMembership,
  type RoleGrants,
} from '../../lib/access/decide.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import type { Route } from '../../lib/contract/route.ts';
import type { Membership, UserIdentity } from '../../lib/identity/identity.ts';
import { nothingAt } from '../../lib/http/paths.ts';
import { refuseWithoutTotp } from './second-factor.ts';
import type { Context } from '../../lib/http/request.ts';
import { bearerOfCall, type AccessSource, type Bearer, type Guard } from './bearer.ts';

/** Who calls, and until when the token says so, in epoch milliseconds. */
export interface Authorised {
  readonly identity: UserIdentity;
  readonly expiresAtMs: number;
}

/** A route with what a role must hold for it, written once. */
export interface GuardedRoute {
  readonly route: Route;
  readonly permission: string;
}

export const guarded = (route: Route): GuardedRoute => ({
  route,
  permission: permissionKey(route.method, route.path),
});

/** Who the bearer token speaks for, and whether they may take this route. */
export async function authorise(
  ctx: Context,
  { route, permission }: GuardedRoute,
  guard: Guard,
  clientId: string | undefined,
): Promise<Authorised | Failure> {
  const { access } = route;
  if (access !== 'user' && access !== 'bearer' && access !== 'grant') {
    return nothingAt(ctx.path);
  }
  const bearer = await bearerOfCall(ctx, guard);
  if (isFailure(bearer)) return bearer;
  const { principal, expiresAtMs } = bearer;
  if (access === 'user' && !('sessionId' in bearer)) {
    return fail('forbidden', 'This is for people: a machine token has no password and no session.');
  }
  const roles = await guard.access.roles();
  if (isFailure(roles)) return roles;
  const inQuestion = clientInQuestion(route, clientId);
  const decision = decide(principal, roles, { access, permission, clientId: inQuestion });
  if (!decision.allowed) return fail(decision.code, decision.reason);
  if ('sessionId' in bearer && guard.access.requiresAdminTotp) {
    const refusal = refuseWithoutTotp(bearer.principal, route);
    if (refusal) return refusal;
  }
  const absent = await refuseAbsent(guard.access, decision, inQuestion);
  if (absent) return absent;
  if (!('sessionId' in bearer)) guard.access.noteTokenUse(bearer.principal.tokenId);
  return { identity: toIdentity(bearer, decision.membership, roles), expiresAtMs };
}

/** Admins may enter every client, but only one that is there: the one place where that is looked at. */
async function refuseAbsent(
  access: AccessSource,
  decision: Decision,
  clientId: string | undefined,
): Promise<Failure | undefined> {
  // A member's own client is there by their membership.
  if (clientId === undefined || (decision.allowed && decision.membership !== null))
    return undefined;
  const isThere = await access.hasClient(clientId);
  if (isFailure(isThere)) return isThere;
  return isThere ? undefined : fail('not_found', `There is no client ${clientId}.`);
}

function toIdentity(
  bearer: Bearer,
  membership: PrincipalMembership | null,
  roleOf: (roleId: string) => RoleGrants | undefined,
): UserIdentity {
  const acting = membership && actingBy(membership, roleOf);
  if ('sessionId' in bearer) {
    const { userId, isAdmin } = bearer.principal;
    return { kind: 'user', userId, isAdmin, membership: acting, sessionId: bearer.sessionId };
  }
  const { tokenId, name, isAdmin, memberships } = bearer.principal;
  // It acts by one role in one client, also where a route names none.
  const [own = null] = memberships.map((one) => actingBy(one, roleOf));
  const role = own && { clientId: own.clientId, roleId: own.roleId, roleLevel: own.roleLevel };
  return { kind: 'token', tokenId, name, isAdmin, membership: null, role };
}

function actingBy(
  { id, clientId, roleId }: PrincipalMembership,
  roleOf: (roleId: string) => RoleGrants | undefined,
): Membership | null {
  const role = roleOf(roleId);
  return role ? { id, clientId, roleId, roleLevel: role.level } : null;
}
