import { noRows, type RunStatement, type Statement } from '../../../../lib/db/statement.ts';
import { OWN_PAUSE_MS } from '../settle.ts';
import { appendUpdates, FRESH_ROUND } from './sql.ts';
import { fromStates } from './states.ts';

/**
 * A lane's hold stands: these try it all the same, and nothing else in the lane is concerned until one
 * of them got through. A pause that we chose ourselves ends; a longer one was named by the provider,
 * and stands.
 */
const RESTART: Statement<unknown> = {
  name: 'restart-deliveries',
  text: `
    WITH chosen AS (
      SELECT d.id, d.lane_key, l.held_at IS NOT NULL AS is_trial
      FROM deliveries d JOIN lanes l ON l.lane_key = d.lane_key
      WHERE d.id = ANY (CAST($1 AS uuid[])) AND d.status IN ${fromStates('restart')}
    ), unpaused AS (
      UPDATE lanes SET paused_until = NULL
      WHERE paused_until <= now() + CAST($2 AS double precision) * interval '1 millisecond'
        AND lane_key IN (SELECT lane_key FROM chosen)
    ), started AS (
      UPDATE deliveries d SET ${FRESH_ROUND}, next_attempt_at = now(), is_trial = c.is_trial,
        losses = 0
      FROM chosen c WHERE d.id = c.id AND d.status IN ${fromStates('restart')}
      RETURNING d.*
    ), told AS (${appendUpdates('started')})
    SELECT id FROM started`,
  row: noRows,
};

/** Makes these deliveries due now, as a new round of attempts, because a person wants it. */
export async function restart(run: RunStatement, ids: readonly string[]): Promise<void> {
  await run(RESTART, [[...ids], OWN_PAUSE_MS]);
}
