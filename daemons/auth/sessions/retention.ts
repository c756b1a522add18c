import type { Unit } from '../../../lib/db/scope.ts';

/** Forgets sessions that have expired, at most `limit` a call: call again until fewer are gone. */
export async function pruneSessions(unit: Unit, { limit }: { limit: number }): Promise<number> {
  return unit.run(
    `DELETE FROM sessions WHERE id IN (
       SELECT id FROM sessions WHERE expires_at < now() ORDER BY expires_at LIMIT ?
     )`,
    [limit],
  );
}

/**
 * Forgets refresh tokens that have expired, at most `limit` a call. Used ones stay until then, so
 * that one presented again still gives its thief away.
 */
export async function pruneRefreshTokens(
  unit: Unit,
  { limit }: { limit: number },
): Promise<number> {
  return unit.run(
    `DELETE FROM refresh_tokens WHERE token_hash IN (
       SELECT token_hash FROM refresh_tokens WHERE expires_at < now() ORDER BY expires_at LIMIT ?
     )`,
    [limit],
  );
}

/** Forgets links that were used or have expired, at most `limit` a call. */
export async function prunePasswordLinks(
  unit: Unit,
  { limit }: { limit: number },
): Promise<number> {
  return unit.run(
    `DELETE FROM password_links WHERE token_hash IN (
       SELECT token_hash FROM password_links
       WHERE expires_at < now() OR used_at < now() - interval '1 day' LIMIT ?
     )`,
    [limit],
  );
}
