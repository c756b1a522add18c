import { isAtTop, standingIn } from '../../../lib/access/in-client.ts';
import type { Actor } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type { API_KEY_SCOPES } from './shapes.ts';

export type KeyActor = Actor & { readonly identity: UserIdentity };

const READ_LEADS = { method: 'GET', path: '/api/clients/{client_id}/leads' } as const;

/**
 * May the actor have a key with these scopes? One that reads leads reads all of the client's: it is
 * made by whoever may read them all, by grant and by place. One that only takes leads in shows
 * nothing: the grant to make keys is enough for it.
 */
export async function refuseScopes(
  unit: ClientUnit,
  actor: UserIdentity,
  scopes: readonly (typeof API_KEY_SCOPES)[number][],
): Promise<Failure | undefined> {
  if (actor.isAdmin || !scopes.includes('leads:read')) return undefined;
  const standing = await standingIn(unit, actor, READ_LEADS);
  if (isFailure(standing)) return fail('forbidden', `For leads:read: ${standing.detail}`);
  if (await isAtTop(unit, standing)) return undefined;
  return fail(
    'forbidden',
    'A key with leads:read sees all of the client’s leads: only members who report to nobody make one.',
  );
}
