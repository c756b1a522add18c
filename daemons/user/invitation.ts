import { randomBytes } from 'node:crypto';
import type { Unit } from '../../lib/db/scope.ts';
import { sha256 } from '../../lib/secrets/tokens.ts';
import type { Invitation } from './contract.ts';

const LIFETIME_MS = 7 * 24 * 60 * 60 * 1_000;
const TOKEN_BYTES = 32;

/**
 * A one-time link for a user who has to set a password, valid for 7 days; it replaces earlier ones.
 * Only the token's SHA-256 is kept.
 */
export async function invite(unit: Unit, userId: string, now: Date): Promise<Invitation> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  await revokeInvitations(unit, userId);
  await unit.trx('password_links').insert({
    token_hash: sha256(token),
    user_id: userId,
    created_at: now,
    expires_at: expiresAt,
  });
  return { token, expires_at: expiresAt.toISOString() };
}

/** Links that were not used yet work no longer. */
export async function revokeInvitations(unit: Unit, userId: string): Promise<void> {
  await unit.trx('password_links').where('user_id', userId).whereNull('used_at').delete();
}
