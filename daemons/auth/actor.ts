import type { UserRow } from '../../lib/accounts/users.ts';
import type { Actor } from '../../lib/audit/audit.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';

/** Where a request of somebody not signed in came from. */
export type Caller = Actor['call'];

/** Somebody who has proven to be this user without an access token. */
export function actingAs(
  user: Pick<UserRow, 'id' | 'is_admin'>,
  call: Caller,
): Actor & { identity: UserIdentity } {
  return {
    identity: { kind: 'user', userId: user.id, isAdmin: user.is_admin, membership: null },
    call,
  };
}
