import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { appendUpdates } from './sql.ts';
import { fromStates } from './states.ts';

const CODE = 'destination_removed';
const WHY = 'Its destination was removed before this was sent. Make another one and backfill it.';

/**
 * Each of the two ways of waiting is found by its own index. What is claimed right now is passed over, and ends as it ends; where that is another wait, the sweep
 * finds it here. So it does with what the fan-out made from settings that it had read before.
 */
const SKIP: Statement<{ id: string }> = {
  name: 'skip-removed',
  text: `
    WITH removed AS (
      SELECT client_id, id FROM destinations
      WHERE removed_at IS NOT NULL AND (CAST($1 AS uuid) IS NULL OR id = CAST($1 AS uuid))
    ), waiting AS (
      SELECT d.id FROM removed r
        JOIN lanes l ON l.client_id = r.client_id AND l.destination_id = r.id
        JOIN deliveries d ON d.lane_key = l.lane_key AND d.status IN ('pending', 'retrying')
      UNION ALL
      SELECT d.id FROM removed r
        JOIN deliveries d ON d.client_id = r.client_id AND d.status = 'held' AND d.destination_id = r.id
    ), gone AS (
      SELECT d.id FROM deliveries d
      WHERE d.id IN (SELECT id FROM waiting LIMIT $2) AND d.status IN ${fromStates('skipRemoved')}
      ORDER BY d.id FOR UPDATE SKIP LOCKED
    ), changed AS (
      UPDATE deliveries d SET status = 'skipped', is_trial = false, losses = 0,
        next_attempt_at = NULL, last_error_code = $3, last_error_message = $4, updated_at = now()
      FROM gone g WHERE d.id = g.id
      RETURNING d.*
    ), told AS (${appendUpdates('changed', 'c.status')})
    SELECT id FROM changed`,
  row: z.object({ id: z.string() }),
};

/**
 * Skips what waits for a destination that is no more, of all of them unless one is named, `most` at a
 * time; resolves to how many.
 */
export async function skipRemoved(
  run: RunStatement,
  { destinationId = null, most }: { readonly destinationId?: string | null; readonly most: number },
): Promise<number> {
  return (await run(SKIP, [destinationId, most, CODE, WHY])).length;
}
