import type { Unit } from '../db/scope.ts';

/**
 * Forgets what strangers tried longer ago than this, at most `limit` a call: call again until fewer are
 * gone. What was changed, and by whom, is never forgotten.
 */
export async function pruneSecurityEvents(
  unit: Unit,
  options: { keepDays: number; limit: number },
): Promise<number> {
  return unit.run(
    `DELETE FROM audit_log WHERE id IN (
       SELECT id FROM audit_log
       WHERE actor_kind = 'anonymous' AND at < now() - CAST(:keepDays AS float8) * interval '1 day'
       ORDER BY at LIMIT :limit
     )`,
    options,
  );
}
