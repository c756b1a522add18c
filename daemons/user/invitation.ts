import { randomBytes } from 'node:crypto';
import { insertLink, withdrawLinks } from '../../lib/accounts/password-links.ts';
import type { Unit } from '../../lib/db/scope.ts';
import type { Invitation } from './contract.ts';

const LIFETIME_MS = 7 * 24 * 60 * 60 * 1_000;
const TOKEN_BYTES = 32;

/** A one-time link for a user who has to set a password, valid for 7 days; it replaces earlier ones. */
export async function invite(unit: Unit, userId: string, now: Date): Promise<Invitation> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  await withdrawLinks(unit, userId);
  await insertLink(unit, token, { user_id: userId, created_at: now, expires_at: expiresAt });
  return { token, expires_at: expiresAt.toISOString() };
}
