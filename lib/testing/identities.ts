import type { ServiceName } from '../contract/route.ts';
import { newId, type ClientId } from '../core/ids.ts';
import type { ServiceIdentity, UserIdentity } from '../identity/identity.ts';

export function asAdmin(user: { id: string } = { id: newId() }): UserIdentity {
  return { kind: 'user', userId: user.id, isAdmin: true, membership: null };
}

/** Signed in, on a route that names no client. */
export function asUser(user: { id: string }): UserIdentity {
  return { kind: 'user', userId: user.id, isAdmin: false, membership: null };
}

/** Acting through a membership, e.g. one that `aMembership` made. */
export function asMember(membership: {
  id: string;
  userId: string;
  clientId: ClientId;
  roleId: string;
  roleLevel: number;
}): UserIdentity {
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
