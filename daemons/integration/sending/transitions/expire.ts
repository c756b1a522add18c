import { noRows, type RunStatement, type Statement } from '../../../../lib/db/statement.ts';
import { expired } from '../../../../lib/queue/expire.ts';
import { LEAVING } from '../../../../lib/queue/leave.ts';
import { appendUpdates, LOST_ALONE, RELEASING_PROVEN, WENT_OUT } from './sql.ts';
import { DELIVERIES } from './table.ts';

const MOST_AT_A_TIME = 1_000;
/** Twice in company and twice alone. */
const MOST_LOSSES = 2 * LOST_ALONE;

const LOST = 'The worker stopped in the middle of this attempt';
const UNSENT = `${LOST}, before anything was sent.`;
const DOUBTFUL = `${LOST}; it may have been sent.`;
const GIVEN_UP =
  `The worker stopped ${MOST_LOSSES} times in the middle of sending this lead, the last times with nothing ` +
  'else in hand, so it may be the lead that stops it. Look at what it holds, then retry the delivery.';

const NEXT = `CASE WHEN d.provider_status IN ${WENT_OUT} THEN 'delivered'
  WHEN d.is_begun AND d.kind = ANY (CAST($5 AS text[])) THEN 'unknown'
  WHEN d.losses + 1 >= ${MOST_LOSSES} THEN 'failed' ELSE 'retrying' END`;

/**
 * Their worker died in the middle. What had begun may have been sent: a row in a sheet can be looked for,
 * a message cannot, so it waits for its status. What had not begun is sent again.
 */
const EXPIRE: Statement<unknown> = {
  name: 'expire-leases',
  text: `
    WITH expired AS (
      ${expired(DELIVERIES, `d.id, d.is_trial, d.is_begun, ${NEXT} AS next`, '$1')}
    ), changed AS (
      UPDATE deliveries d SET status = e.next, ${LEAVING},
        recipient = NULL, is_doubtful = e.next <> 'delivered' AND (e.is_begun OR d.is_doubtful),
        is_trial = d.is_trial AND e.next IN ('retrying', 'unknown'),
        losses = CASE WHEN e.next = 'retrying' THEN d.losses + 1 ELSE 0 END,
        delivered_at = CASE WHEN e.next = 'delivered' THEN now() END,
        next_attempt_at = CASE e.next WHEN 'unknown' THEN now() + interval '1 hour'
          WHEN 'retrying' THEN now() END,
        last_error_code = CASE WHEN e.next <> 'delivered' THEN 'worker_lost' END,
        last_error_message = CASE WHEN e.next = 'delivered' THEN NULL
          WHEN e.next = 'failed' THEN CAST($4 AS text)
          WHEN e.is_begun THEN CAST($3 AS text) ELSE CAST($2 AS text) END,
        updated_at = now()
      FROM expired e WHERE d.id = e.id
      RETURNING d.*, e.is_trial AS was_trial
    ), closed AS (
      UPDATE delivery_attempts a SET finished_at = now(),
        outcome = CASE WHEN c.is_begun THEN 'unknown' ELSE 'retry' END, code = 'worker_lost',
        message = CASE WHEN c.is_begun THEN CAST($3 AS text) ELSE CAST($2 AS text) END
      FROM changed c WHERE a.delivery_id = c.id AND a.number = c.attempts AND a.outcome IS NULL
    ), told AS (${appendUpdates('changed')}), ${RELEASING_PROVEN}
    SELECT id FROM changed`,
  row: noRows,
};

/**
 * Settles what is still claimed though its lease is over, a thousand at a time. `awaited`: the kinds of
 * which only the provider's own word tells whether something went out.
 */
export async function expire(run: RunStatement, awaited: readonly string[]): Promise<void> {
  await run(EXPIRE, [MOST_AT_A_TIME, UNSENT, DOUBTFUL, GIVEN_UP, [...awaited]]);
}
