import type { ServiceName } from '../contract/route.ts';
import { newId, type ClientId } from '../core/ids.ts';
import type { PersonIdentity, ServiceIdentity, TokenIdentity } from '../identity/identity.ts';

export function asAdmin(user: { id: string } = { id: newId() }): PersonIdentity {
  return { kind: 'user', userId: user.id, isAdmin: true, membership: null };
}

/** Signed in, on a route that names no client. */
export function asUser(user: { id: string }): PersonIdentity {
  return { kind: 'user', userId: user.id, isAdmin: false, membership: null };
}

/** Acting through a membership, e.g. one that `aMembership` made. */
export function asMember(membership: {
  id: string;
  userId: string;
  clientId: ClientId;
  roleId: string;
  roleLevel: number;
}): PersonIdentity {
  const { id, userId, clientId, roleId, roleLevel } = membership;
  return {
    kind: 'user',
    userId,
    isAdmin: false,
    membership: { id, clientId, roleId, roleLevel },
  };
}

export function asService(service: ServiceName): ServiceIdentity {
  return { kind: 'service', service };
}

/** A machine token: of an administrator, or acting by a role in a client. */
export function asToken(
  given: { role?: { clientId: ClientId; roleId: string; roleLevel: number } } = {},
): TokenIdentity {
  const role = given.role ?? null;
  return {
    kind: 'token',
    tokenId: newId(),
    name: 'ci',
    isAdmin: role === null,
    membership: null,
    role,
  };
}
