import type { Unit } from '../../../lib/db/scope.ts';
import { tellOf } from './tell.ts';

/** A round of attempts begins anew: the pause while it was held is not its own fault. */
const FRESH_ROUND = `
  status = CASE WHEN d.attempts > 0 THEN 'retrying' ELSE 'pending' END, next_attempt_at = now(),
  round_attempts = 0, round_started_at = NULL, updated_at = now()`;

/** Lifts a lane's hold and makes all that was held in it due. */
export async function releaseLane(unit: Unit, laneKey: string): Promise<void> {
  await unit.trx.raw(
    `WITH lane AS (
       UPDATE lanes SET held_at = NULL, held_code = NULL, held_message = NULL, recheck_at = NULL,
         paused_until = NULL
       WHERE lane_key = ? RETURNING lane_key
     ), released AS (
       UPDATE deliveries d SET ${FRESH_ROUND}
       FROM lane WHERE d.lane_key = lane.lane_key AND d.status = 'held'
       RETURNING d.*
     )
     ${tellOf('released')}`,
    [laneKey],
  );
}
