import { z } from 'zod';
import type { Unit } from '../../lib/db/scope.ts';

/** Forgets idempotency keys older than this, at most `limit` a call: call again until fewer are gone. */
export async function pruneIdempotencyKeys(
  unit: Unit,
  options: { keepHours: number; limit: number },
): Promise<number> {
  return unit.run(
    `DELETE FROM idempotency_keys WHERE (client_id, key) IN (
       SELECT client_id, key FROM idempotency_keys
       WHERE created_at < now() - CAST(:keepHours AS float8) * interval '1 hour'
       ORDER BY created_at LIMIT :limit
     )`,
    options,
  );
}

/**
 * Forgets events older than this that every consumer has passed, at most `limit` a call; without a
 * consumer none. Takes the first ones in the order of commits, which is nearly that of their age, so
 * that a call that finds nothing reads no more than one that does.
 */
export async function pruneEvents(
  unit: Unit,
  options: { keepDays: number; limit: number },
): Promise<number> {
  return unit.run(
    `WITH passed AS (
       SELECT xid, id FROM event_cursors ORDER BY xid, id LIMIT 1
     ), first AS (
       SELECT e.xid, e.id, e.created_at FROM events e, passed p
       WHERE (e.xid, e.id) <= (p.xid, p.id) ORDER BY e.xid, e.id LIMIT :limit
     )
     DELETE FROM events e USING first f
     WHERE e.xid = f.xid AND e.id = f.id
       AND f.created_at < now() - CAST(:keepDays AS float8) * interval '1 day'`,
    options,
  );
}

const expiringKey = z.object({
  id: z.string(),
  client_id: z.string(),
  name: z.string(),
  key_prefix: z.string(),
  expires_at: z.date(),
});
export type ExpiringKey = z.output<typeof expiringKey>;

const MOST_KEYS = 1_000;

/** API keys in use that will soon be refused; not those that a rotation has replaced. */
export async function findExpiringKeys(
  unit: Unit,
  { withinDays }: { withinDays: number },
): Promise<ExpiringKey[]> {
  return unit.rows(
    expiringKey,
    `SELECT id, client_id, name, key_prefix, expires_at FROM client_api_keys
     WHERE revoked_at IS NULL AND replaced_at IS NULL AND expires_at > now()
       AND expires_at < now() + CAST(? AS float8) * interval '1 day'
     ORDER BY expires_at LIMIT ?`,
    [withinDays, MOST_KEYS],
  );
}
