import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { LEAVING } from '../../../../lib/queue/leave.ts';
import { inMs } from '../../../../lib/queue/table.ts';
import type { AttemptResult } from '../model.ts';
import { appendUpdates, LOST_ALONE, RELEASING_PROVEN, UNCOUNTING, WENT_OUT } from './sql.ts';

const finished = z.object({ id: z.string(), status: z.string(), lag_ms: z.coerce.number() });
export type FinishedDelivery = z.output<typeof finished>;

/**
 * A status webhook may have come while the call was under way: once it says that a message of this
 * delivery went out, whatever attempt it was, no other is ever sent. A late success is taken as well
 * when the attempt was given up meanwhile, for it settles the doubt. What may have gone through and
 * failed for good stays doubtful, so that whoever starts it anew looks first. One that tried its lane
 * though that was held, and got through, releases the lane: in this statement, so that no crash comes
 * between.
 */
const FINISH: Statement<FinishedDelivery> = {
  name: 'finish-deliveries',
  text: `
    WITH result AS (
      SELECT * FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(lease uuid, id uuid, attempt integer, status text,
        outcome text, is_doubtful boolean, is_alone boolean, next_in_ms double precision, code text,
        message text, reference text, provider_status text, duration_ms integer, request jsonb)
    ), known AS (
      SELECT d.id, r.attempt, r.outcome, r.code, r.message, r.duration_ms, r.request, r.reference,
        r.next_in_ms, r.provider_status, r.is_doubtful, r.is_alone, d.provider_status AS heard,
        d.is_trial, d.recipient,
        CASE WHEN d.provider_status IN ${WENT_OUT} THEN 'delivered' ELSE r.status END AS status
      FROM result r JOIN deliveries d ON d.id = r.id
      WHERE d.lease = r.lease OR (r.status = 'delivered' AND d.lease IS NULL AND d.is_doubtful
        AND d.attempts = r.attempt AND d.status IN ('unknown', 'retrying'))
      ORDER BY d.id FOR UPDATE OF d
    ), changed AS (
      UPDATE deliveries d SET status = k.status, ${LEAVING}, recipient = NULL, is_doubtful = k.is_doubtful AND k.status <> 'delivered',
        is_trial = k.is_trial AND k.status IN ('retrying', 'unknown') AND k.outcome <> 'held',
        losses = CASE WHEN k.status <> 'retrying' THEN 0
          WHEN k.is_alone THEN ${LOST_ALONE} ELSE d.losses END,
        next_attempt_at = CASE WHEN k.status IN ('retrying', 'unknown')
          THEN ${inMs('COALESCE(k.next_in_ms, 0)')} END,
        last_error_code = CASE WHEN k.status <> 'delivered' THEN k.code END,
        last_error_message = CASE WHEN k.status <> 'delivered' THEN k.message END,
        provider_reference = COALESCE(k.reference, d.provider_reference),
        provider_status = COALESCE(k.heard, k.provider_status),
        delivered_at = CASE WHEN k.status = 'delivered' THEN now() ELSE d.delivered_at END,
        updated_at = now()
      FROM known k WHERE d.id = k.id
      RETURNING d.*, k.is_trial AS was_trial, k.recipient AS counted_as
    ), closed AS (
      UPDATE delivery_attempts a SET finished_at = now(), duration_ms = k.duration_ms,
        outcome = k.outcome, code = k.code, message = k.message, request = k.request
      FROM known k WHERE a.delivery_id = k.id AND a.number = k.attempt
    ), told AS (${appendUpdates('changed')}), ${RELEASING_PROVEN}, ${UNCOUNTING}
    SELECT id, status, EXTRACT(EPOCH FROM now() - created_at) * 1000 AS lag_ms FROM changed`,
  row: finished,
};

/** What became of an attempt, and the lease under which it was made. */
export type LeasedResult = AttemptResult & { readonly lease: string };

/** Writes down what became of attempts, of any number of lanes; resolves to those that were still their lease's own. */
export async function finish(
  run: RunStatement,
  results: readonly LeasedResult[],
): Promise<FinishedDelivery[]> {
  return results.length === 0 ? [] : run(FINISH, [JSON.stringify(results)]);
}
