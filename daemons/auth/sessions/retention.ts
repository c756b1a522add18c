import type { Unit } from '../../../lib/db/scope.ts';
import { rowsOf } from '../../../lib/events/outbox.ts';

/**
 * Forgets refresh tokens that have expired, at most `limit` a call: call again until fewer are gone.
 * Used ones stay until then, so that one presented again still gives its thief away.
 */
export async function pruneSessions(unit: Unit, { limit }: { limit: number }): Promise<number> {
  const gone: unknown = await unit.trx.raw(
    `DELETE FROM refresh_sessions WHERE id IN (
       SELECT id FROM refresh_sessions WHERE expires_at < now() ORDER BY expires_at LIMIT ?
     ) RETURNING 1`,
    [limit],
  );
  return rowsOf(gone).length;
}

/** Forgets links that were used or have expired, at most `limit` a call. */
export async function prunePasswordLinks(
  unit: Unit,
  { limit }: { limit: number },
): Promise<number> {
  const gone: unknown = await unit.trx.raw(
    `DELETE FROM password_links WHERE token_hash IN (
       SELECT token_hash FROM password_links
       WHERE expires_at < now() OR used_at < now() - interval '1 day' LIMIT ?
     ) RETURNING 1`,
    [limit],
  );
  return rowsOf(gone).length;
}
