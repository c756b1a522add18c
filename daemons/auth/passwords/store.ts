import { endLinks } from '../../../lib/accounts/password-links.ts';
import { endSessionsOf } from '../../../lib/accounts/sessions.ts';
import { updateUser } from '../../../lib/accounts/users.ts';
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
