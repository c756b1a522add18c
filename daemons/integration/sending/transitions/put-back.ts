import { noRows, type RunStatement, type Statement } from '../../../../lib/db/statement.ts';
import { LEAVING, waitingState } from '../../../../lib/queue/leave.ts';
import { inMs } from '../../../../lib/queue/table.ts';
import { appendUpdates, RELEASING_PROVEN, UNCOUNTING, WENT_OUT } from './sql.ts';
import { DELIVERIES } from './table.ts';

const PUT_BACK: Statement<unknown> = {
  name: 'put-back-deliveries',
  text: `
    WITH changed AS (
      UPDATE deliveries d SET
        status = CASE WHEN d.provider_status IN ${WENT_OUT} THEN 'delivered'
          ELSE ${waitingState(DELIVERIES, 'd.attempts - 1')} END, ${LEAVING}, attempts = d.attempts - 1,
        round_attempts = d.round_attempts - 1,
        next_attempt_at = CASE WHEN d.provider_status IN ${WENT_OUT} THEN NULL
          ELSE ${inMs('$3')} END,
        updated_at = now()
      WHERE d.lease = $1 AND d.id = ANY (CAST($2 AS uuid[]))
      RETURNING d.*, d.is_trial AS was_trial, d.recipient AS counted_as
    ), told AS (
      ${appendUpdates(`(SELECT * FROM changed WHERE status = 'delivered')`)}
    ), ${RELEASING_PROVEN}, ${UNCOUNTING}
    DELETE FROM delivery_attempts a USING changed c
    WHERE a.delivery_id = c.id AND a.number = c.attempts + 1`,
  row: noRows,
};

/** Puts back what was claimed and not sent, as if it had not been, to be due in `inMs`. */
export async function putBack(
  run: RunStatement,
  lease: string,
  ids: readonly string[],
  inMs: number,
): Promise<void> {
  if (ids.length > 0) await run(PUT_BACK, [lease, [...ids], inMs]);
}
