import type { Unit } from '../db/scope.ts';
import { withdrawLinks } from './password-links.ts';
import { endSessionsOf } from './sessions.ts';
import { dropTotp } from './totp.ts';
import { updateUser, type UserRow } from './users.ts';

/**
 * Whoever was in an account is out of it at this moment: its password, sessions, authenticator app and
 * links end, and only a new link opens it again. Callers hold the user's lock.
 */
export async function takeBack(unit: Unit, userId: string, now: Date): Promise<UserRow> {
  await dropTotp(unit, userId, now);
  await endSessionsOf(unit, userId, { at: now });
  await withdrawLinks(unit, userId);
  return updateUser(unit, userId, { password_hash: null, status: 'invited', updated_at: now });
}

/** Has somebody a password for it of whom nobody knows whether the address is theirs? */
export function isOfAnybody(user: UserRow): boolean {
  return user.has_password && !user.email_proven && !user.is_admin;
}
