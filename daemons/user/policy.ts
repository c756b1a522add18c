import type { UserRow } from '../../lib/accounts/users.ts';
import { asGivable, pairsWith, refuseGiving } from '../../lib/access/giving.ts';
import { loadRoles } from '../../lib/access/load.ts';
import { fail, type Failure } from '../../lib/core/errors.ts';
import {
  allClients,
  globalScope,
  type AllClientsScope,
  type GlobalScope,
  type Unit,
} from '../../lib/db/scope.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';

/** What a user has in every client says who else than an admin may act on them. */
export function scopeOverUsers(actor: UserIdentity): GlobalScope | AllClientsScope {
  return actor.isAdmin
    ? globalScope
    : allClients('a user is acted on by whoever could give them all that they have');
}

const HELD = `
  SELECT client_id, role_id FROM user_clients WHERE user_id = CAST(:user AS uuid)`;

/**
 * May the actor disable this user, or have a link with which to sign in as them? Admins may; others
 * never where the user is an admin, and only if they could give every role that the user has, each in
 * its client. The unit's scope must be `scopeOverUsers`.
 */
export async function refuseOverUser(
  unit: Unit,
  actor: UserIdentity,
  user: Pick<UserRow, 'id' | 'is_admin'>,
): Promise<Failure | undefined> {
  if (actor.isAdmin) return undefined;
  if (user.is_admin) return fail('forbidden', 'Only an administrator acts on an administrator.');
  const pairs = await pairsWith(unit, actor, { sql: HELD, bindings: { user: user.id } });
  if (pairs.some(({ own }) => own === null)) {
    return fail(
      'forbidden',
      'The user is a member of a client in which you have no role; an administrator may do this.',
    );
  }
  const roles = await loadRoles(unit);
  for (const { own, given } of pairs) {
    const role = roles.get(given);
    const refusal = role && refuseGiving(roles.get(own ?? ''), asGivable(role));
    if (refusal) return refusal;
  }
  return undefined;
}
