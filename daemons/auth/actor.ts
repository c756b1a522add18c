import type { UserRow } from '../../lib/accounts/users.ts';
import type { Actor } from '../../lib/audit/audit.ts';
import type { Call } from '../../lib/contract/handler.ts';
import type { PersonIdentity } from '../../lib/identity/identity.ts';

/** Where a request of somebody not signed in came from. */
export type Caller = Actor['call'] & Pick<Call, 'headers'>;

/** Somebody who has proven to be this user without an access token. */
export function actingAs(
  user: Pick<UserRow, 'id' | 'is_admin'>,
  call: Actor['call'],
): Actor & { identity: PersonIdentity } {
  return {
    identity: { kind: 'user', userId: user.id, isAdmin: user.is_admin, membership: null },
    call,
  };
}

const MOST_USER_AGENT = 300;

/** What a session is told apart by in its owner's list. */
export function originOf(caller: Caller): { ip: string; user_agent: string | null } {
  const given = caller.headers['user-agent'];
  const agent = typeof given === 'string' ? given.slice(0, MOST_USER_AGENT) : '';
  return { ip: caller.ip, user_agent: agent === '' ? null : agent };
}
