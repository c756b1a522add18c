import { endLinks } from '../../../lib/accounts/password-links.ts';
import { endSessionsOf } from '../../../lib/accounts/sessions.ts';
import { dropTotp } from '../../../lib/accounts/totp.ts';
import { updateUser, type UserRow } from '../../../lib/accounts/users.ts';
import type { Unit } from '../../../lib/db/scope.ts';

/** The new password, and the end of all that rested on the old one. */
export async function storePassword(
  unit: Unit,
  userId: string,
  change: { hash: string; at: Date; keptSessionId?: string | undefined },
): Promise<void> {
  const { hash, at, keptSessionId } = change;
  await updateUser(unit, userId, { password_hash: hash, status: 'active', updated_at: at });
  await endLinks(unit, userId, at);
  await endSessionsOf(unit, userId, { at, exceptId: keptSessionId });
}

/**
 * The user has shown that the e-mail is theirs. Whoever had the account before did not, so their
 * authenticator app must not keep the owner out.
 */
export async function proveEmail(unit: Unit, user: UserRow, at: Date): Promise<void> {
  if (user.email_proven) return;
  await dropTotp(unit, user.id, at);
  await updateUser(unit, user.id, { email_proven: true, updated_at: at });
}

export async function disproveEmail(unit: Unit, userId: string, at: Date): Promise<void> {
  await updateUser(unit, userId, { email_proven: false, updated_at: at });
}

/** Can the user do anything outside this client? The unit must show the user's memberships. */
export async function reachesBeyond(
  unit: Unit,
  user: Pick<UserRow, 'id' | 'is_admin'>,
  clientId: string,
): Promise<boolean> {
  if (user.is_admin) return true;
  const elsewhere: unknown = await unit
    .trx('user_clients')
    .where('user_id', user.id)
    .whereNot('client_id', clientId)
    .first('id');
  return elsewhere !== undefined;
}
