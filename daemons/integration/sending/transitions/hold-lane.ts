import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { inMs, waiting } from '../../../../lib/queue/table.ts';
import { appendUpdates } from './sql.ts';
import { DELIVERIES } from './table.ts';

export interface Hold {
  readonly code: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** When the provider may have lifted it by itself. */
  readonly recheckAfterMs: number | null;
}

/**
 * The destination's row is locked first: whoever changes them at this moment has done so before we look, and
 * what the old ones led to then says nothing. What waits in the lane keeps its status and is told as held;
 * those that a person told to try it all the same wait again.
 */
const HOLD: Statement<{ is_known: boolean }> = {
  name: 'hold-lane',
  text: `
    WITH settings AS MATERIALIZED (
      SELECT t.id FROM destinations t
      WHERE t.id = (SELECT destination_id FROM lanes WHERE lane_key = $1)
        AND t.version = CAST($5 AS integer) FOR SHARE
    ), before AS MATERIALIZED (
      SELECT l.lane_key, l.held_at, l.held_code FROM lanes l
      WHERE l.lane_key = $1 AND (CAST($5 AS integer) IS NULL OR EXISTS (SELECT FROM settings))
      FOR UPDATE
    ), lane AS (
      UPDATE lanes l SET held_at = COALESCE(b.held_at, now()), held_code = $2, held_message = $3,
        recheck_at = ${inMs('$4')}
      FROM before b WHERE l.lane_key = b.lane_key
      RETURNING l.lane_key, b.held_at IS NOT NULL AS was_held,
        b.held_at IS NOT NULL AND b.held_code = $2 AS is_known
    ), tried AS (
      UPDATE deliveries d SET is_trial = false, updated_at = now()
      FROM lane WHERE d.lane_key = lane.lane_key AND d.is_trial AND ${waiting(DELIVERIES)}
      RETURNING d.*
    ), waiting AS (
      SELECT d.* FROM deliveries d JOIN lane ON lane.lane_key = d.lane_key
      WHERE NOT lane.was_held AND NOT d.is_trial AND ${waiting(DELIVERIES)}
    ), concerned AS (
      SELECT id, client_id, lead_id, destination_id, kind, attempts, provider_reference, provider_status,
        next_attempt_at, CAST($2 AS text) AS last_error_code, CAST($3 AS text) AS last_error_message
      FROM (SELECT * FROM tried UNION ALL SELECT * FROM waiting) d
    ), told AS (${appendUpdates('concerned', `'held'`)})
    SELECT is_known FROM lane`,
  row: z.object({ is_known: z.boolean() }),
};

/**
 * Holds the lane, and so all that waits in it. `known`: it was held for that already. `stale`: the destination's
 * settings changed since they were read as `version`, so that what they led to says nothing about those of
 * now; null where it is no verdict on any.
 */
export async function holdLane(
  run: RunStatement,
  laneKey: string,
  { code, message, recheckAfterMs }: Hold,
  version: number | null,
): Promise<'held' | 'known' | 'stale'> {
  const [row] = await run(HOLD, [laneKey, code, message, recheckAfterMs, version]);
  if (row === undefined) return 'stale';
  return row.is_known ? 'known' : 'held';
}
