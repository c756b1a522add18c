import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { Unit } from '../db/scope.ts';
import { sha256 } from '../secrets/tokens.ts';

const LIFETIME_MS = 7 * 24 * 3_600_000;
const TOKEN_BYTES = 32;

/**
 * A one-time token with which the user sets a password, good for 7 days; earlier ones end. It is
 * shown once and stored as a hash.
 */
export async function issuePasswordLink(
  unit: Unit,
  clock: Clock,
  userId: string,
): Promise<{ token: string; expiresAt: Date }> {
  const now = clock();
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  await endPasswordLinks(unit, userId, now);
  await unit.trx('password_links').insert({
    token_hash: sha256(token),
    user_id: userId,
    created_at: now,
    expires_at: expiresAt,
  });
  return { token, expiresAt };
}

/** None of the user's links works any more. */
export async function endPasswordLinks(unit: Unit, userId: string, at: Date): Promise<void> {
  await unit
    .trx('password_links')
    .where('user_id', userId)
    .whereNull('used_at')
    .update({ used_at: at });
}
