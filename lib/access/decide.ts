import { reachOf, type Access, type Route } from '../contract/route.ts';
import type { ClientId } from '../core/ids.ts';

export interface PrincipalMembership {
  readonly id: string;
  readonly clientId: ClientId;
  readonly clientStatus: 'active' | 'suspended' | 'archived';
  readonly roleId: string;
}

/** A user as access decisions see one. */
export interface Principal {
  readonly userId: string;
  readonly isAdmin: boolean;
  readonly status: 'active' | 'invited' | 'disabled';
  /** Does a login need a code of an authenticator app? Not there where nobody logs in. */
  readonly hasTotp?: boolean;
  readonly memberships: readonly PrincipalMembership[];
}

/** A machine token as access decisions see one; an administrator's has no membership. */
export interface TokenPrincipal {
  readonly tokenId: string;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly status: 'active';
  readonly expiresAt: Date | null;
  readonly memberships: readonly PrincipalMembership[];
}

export interface RoleGrants {
  readonly id: string;
  readonly name: string;
  readonly level: number;
  /** Permission ids by `METHOD /path/template`. */
  readonly grants: ReadonlyMap<string, string>;
}

export interface Attempt {
  readonly access: Extract<Access, 'user' | 'bearer' | 'grant'>;
  /** What must be held, as `permissionKey` writes it: made once a route, not once a decision. */
  readonly permission: string;
  /** The client in which the permission must be held; undefined where any active one does. */
  readonly clientId: string | undefined;
}

type Allowed =
  | {
      readonly allowed: true;
      readonly by: 'administrator' | 'signing_in';
      readonly membership: PrincipalMembership | null;
      readonly role: null;
      readonly permissionId: null;
    }
  | {
      readonly allowed: true;
      readonly by: 'role';
      readonly membership: PrincipalMembership;
      readonly role: RoleGrants;
      readonly permissionId: string;
    };

interface Refused {
  readonly allowed: false;
  readonly code: 'unauthenticated' | 'forbidden' | 'not_found' | 'client_suspended';
  readonly reason: string;
  readonly role: RoleGrants | null;
}

export type Decision = Allowed | Refused;

export const permissionKey = (method: string, path: string): string => `${method} ${path}`;

/** The client in which a route's permission must be held, of those its path names. */
export function clientInQuestion(
  route: Pick<Route, 'path' | 'reach'>,
  clientId: string | undefined,
): string | undefined {
  return reachOf(route) === 'platform' ? undefined : clientId;
}

/**
 * The one rule of who may call what. Default deny; admins pass; a client one is no member of does
 * not exist; a suspended one is closed to its members; a role must hold the route's permission.
 * A route that names no client is open to whoever holds its permission in any active client.
 */
export function decide(
  principal: Pick<Principal, 'isAdmin' | 'status' | 'memberships'>,
  roleOf: (roleId: string) => RoleGrants | undefined,
  attempt: Attempt,
): Decision {
  if (principal.status !== 'active') {
    return refuse('unauthenticated', `The user is ${principal.status}.`);
  }
  const { memberships } = principal;
  if (principal.isAdmin) {
    const membership = memberships.find((one) => isIn(attempt.clientId, one)) ?? null;
    return { allowed: true, by: 'administrator', membership, role: null, permissionId: null };
  }
  if (attempt.access !== 'grant') return SIGNED_IN;
  // No list is made of what is looked through: this runs for every request of every member.
  for (const membership of memberships) {
    if (!isIn(attempt.clientId, membership) || membership.clientStatus !== 'active') continue;
    const role = roleOf(membership.roleId);
    const permissionId = role?.grants.get(attempt.permission);
    if (role !== undefined && permissionId !== undefined) {
      return { allowed: true, by: 'role', membership, role, permissionId };
    }
  }
  return refuseMember(
    memberships.filter((one) => isIn(attempt.clientId, one)),
    roleOf,
    attempt,
  );
}

const SIGNED_IN: Allowed = {
  allowed: true,
  by: 'signing_in',
  membership: null,
  role: null,
  permissionId: null,
};

const isIn = (clientId: string | undefined, membership: PrincipalMembership): boolean =>
  clientId === undefined || membership.clientId === clientId;

/** Why none of these memberships is enough. */
function refuseMember(
  memberships: readonly PrincipalMembership[],
  roleOf: (roleId: string) => RoleGrants | undefined,
  { clientId, permission }: Attempt,
): Refused {
  const [first] = memberships;
  if (first === undefined) {
    return clientId === undefined
      ? refuse('forbidden', 'You are a member of no client.')
      : refuse('not_found', `There is no client ${clientId}, or you are not a member of it.`);
  }
  const open = memberships.find(({ clientStatus }) => clientStatus === 'active');
  if (open === undefined) {
    return refuse('client_suspended', `Client ${first.clientId} is ${first.clientStatus}.`);
  }
  const role = roleOf(open.roleId);
  const reason = role
    ? `Role ${role.name} does not hold ${permission}.`
    : `No role of yours holds ${permission}.`;
  return { allowed: false, code: 'forbidden', reason, role: role ?? null };
}

/** The decision in words, for a person who asks. */
export function explain(decision: Decision, { permission }: Pick<Attempt, 'permission'>): string {
  if (!decision.allowed) return decision.reason;
  switch (decision.by) {
    case 'administrator':
      return 'Admins pass every check.';
    case 'signing_in':
      return 'Every signed-in user may do this.';
    case 'role':
      return `Role ${decision.role.name} in ${decision.membership.clientId} holds ${permission}.`;
  }
}

function refuse(code: Refused['code'], reason: string): Refused {
  return { allowed: false, code, reason, role: null };
}
