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
  readonly method: string;
  /** The route's public template. */
  readonly path: string;
  /** The client in which the permission must be held; undefined where any active one does. */
  readonly clientId: string | undefined;
}

export type Decision =
  | {
      readonly allowed: true;
      readonly reason: string;
      readonly membership: PrincipalMembership | null;
      readonly role: RoleGrants | null;
      readonly permissionId: string | null;
    }
  | {
      readonly allowed: false;
      readonly code: 'unauthenticated' | 'forbidden' | 'not_found' | 'client_suspended';
      readonly reason: string;
      readonly role: RoleGrants | null;
    };

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
  const memberships = principal.memberships.filter(
    ({ clientId }) => attempt.clientId === undefined || clientId === attempt.clientId,
  );
  if (principal.isAdmin) {
    return allow('Admins pass every check.', { membership: memberships[0] ?? null });
  }
  if (attempt.access !== 'grant') return allow('Every signed-in user may do this.', {});
  const [first] = memberships;
  if (first === undefined) {
    return attempt.clientId === undefined
      ? refuse('forbidden', 'You are a member of no client.')
      : refuse(
          'not_found',
          `There is no client ${attempt.clientId}, or you are not a member of it.`,
        );
  }
  return decideByRole(memberships, roleOf, attempt);
}

function decideByRole(
  memberships: readonly PrincipalMembership[],
  roleOf: (roleId: string) => RoleGrants | undefined,
  attempt: Attempt,
): Decision {
  const open = memberships.filter(({ clientStatus }) => clientStatus === 'active');
  const key = permissionKey(attempt.method, attempt.path);
  for (const membership of open) {
    const role = roleOf(membership.roleId);
    const permissionId = role?.grants.get(key);
    if (role && permissionId !== undefined) {
      return allow(`Role ${role.name} in ${membership.clientId} holds ${key}.`, {
        membership,
        role,
        permissionId,
      });
    }
  }
  const [first] = memberships;
  if (open.length === 0 && first !== undefined) {
    return refuse('client_suspended', `Client ${first.clientId} is ${first.clientStatus}.`);
  }
  const role = open[0] && roleOf(open[0].roleId);
  return {
    allowed: false,
    code: 'forbidden',
    reason: role ? `Role ${role.name} does not hold ${key}.` : `No role of yours holds ${key}.`,
    role: role ?? null,
  };
}

function allow(
  reason: string,
  via: {
    membership?: PrincipalMembership | null;
    role?: RoleGrants;
    permissionId?: string;
  },
): Decision {
  return {
    allowed: true,
    reason,
    membership: via.membership ?? null,
    role: via.role ?? null,
    permissionId: via.permissionId ?? null,
  };
}

function refuse(
  code: 'unauthenticated' | 'forbidden' | 'not_found' | 'client_suspended',
  reason: string,
): Decision {
  return { allowed: false, code, reason, role: null };
}
