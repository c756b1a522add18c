import { fail, type Failure } from '../core/errors.ts';
import type { Route } from '../contract/route.ts';
import type { Identity } from '../identity/identity.ts';

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
      return identity.kind === 'user' ? undefined : signInFirst();
    case 'admin':
      if (identity.kind !== 'user') return signInFirst();
      return identity.isAdmin ? undefined : fail('forbidden', 'Only an admin may do this.');
    case 'grant':
      return refuseMember(identity, params['client_id']);
  }
}

function refuseMember(identity: Identity, clientId: string | undefined): Failure | undefined {
  if (identity.kind !== 'user') return signInFirst();
  if (identity.isAdmin || clientId === undefined) return undefined;
  return identity.membership?.clientId === clientId
    ? undefined
    : fail('not_found', 'There is no such client, or you are not a member of it.');
}

function signInFirst(): Failure {
  return fail('unauthenticated', 'This route needs an identity that the gateway vouches for.');
}
