import { fail, type Failure } from '../core/errors.ts';
import { reachOf, type Route } from '../contract/route.ts';
import { actingRole, type Identity, type UserIdentity } from '../identity/identity.ts';

/**
 * The daemon's own look at who calls. The gateway has decided already; this holds even if it erred.
 * Undefined when the identity may go on.
 */
export function refuse(
  route: Route,
  identity: Identity,
  params: Readonly<Record<string, string>>,
): Failure | undefined {
  switch (route.access) {
    case 'public':
    case 'api_key':
      return undefined;
    case 'service':
      return identity.kind === 'service' ? undefined : signInFirst();
    case 'user':
      if (identity.kind === 'token') return fail('forbidden', 'A machine token is no person.');
      return identity.kind === 'user' ? undefined : signInFirst();
    case 'bearer':
      return isCaller(identity) ? undefined : signInFirst();
    case 'grant':
      return refuseRole(route, identity, params['client_id']);
  }
}

/** Whoever acts by a grant acts by a role: in the path's client where that counts, else in any. */
function refuseRole(
  route: Route,
  identity: Identity,
  clientId: string | undefined,
): Failure | undefined {
  if (!isCaller(identity)) return signInFirst();
  if (identity.isAdmin) return undefined;
  const role = actingRole(identity);
  if (reachOf(route) === 'platform') {
    return role === null ? fail('forbidden', 'No role of yours holds this.') : undefined;
  }
  return role !== null && role.clientId === clientId
    ? undefined
    : fail('not_found', 'There is no such client, or you are not a member of it.');
}

const isCaller = (identity: Identity): identity is UserIdentity =>
  identity.kind === 'user' || identity.kind === 'token';

function signInFirst(): Failure {
  return fail('unauthenticated', 'This route needs an identity that the gateway vouches for.');
}
