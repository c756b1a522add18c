import { freshRound } from '../../../../lib/queue/fresh-round.ts';
import { waiting } from '../../../../lib/queue/table.ts';
import { DELIVERIES } from './table.ts';

/** Statuses that a webhook told and that say that a message went out. */
export const WENT_OUT = `('sent', 'delivered', 'read')`;

/** After as many lost workers a delivery is claimed alone, so that it can take no other along. */
export const LOST_ALONE = 2;

/** Attempts count anew: waiting while its lane was held is not its own fault. */
export const FRESH_ROUND = `${freshRound(DELIVERIES)}, updated_at = now()`;

const SHOWN = `shown_status(c.status, c.is_trial,
  (SELECT l.held_at FROM lanes l WHERE l.lane_key = c.lane_key))`;

/**
 * Appends a `delivery.updated` event for each row of `source` (rows of `deliveries`), in the statement
 * that changed them: the timeline and the tail show every state that a delivery took. `status` is given
 * where the same statement changes the lane, of which it would see the old state.
 */
export function appendUpdates(source: string, status: string = SHOWN): string {
  return `INSERT INTO events (client_id, lead_id, kind, data)
    SELECT c.client_id, c.lead_id, 'delivery.updated', jsonb_strip_nulls(jsonb_build_object(
      'delivery_id', c.id, 'integration', c.kind,
      'destination', (SELECT t.name FROM destinations t WHERE t.id = c.destination_id), 'status', shown.status, 'attempt', c.attempts,
      'code', c.last_error_code, 'message', c.last_error_message,
      'provider_reference', c.provider_reference, 'provider_status', c.provider_status,
      'next_attempt_at', CASE WHEN shown.status <> 'held' THEN
        to_char(c.next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END))
    FROM ${source} c CROSS JOIN LATERAL (SELECT ${status} AS status) shown`;
}

/**
 * CTEs that lift the holds of `lanes` (a query of `lane_key`) and make all that waits in them due. A wait
 * of more than an hour was named by the provider for that recipient, and stands. `besides` (a query of
 * ids): rows that the same statement changes.
 */
export function releasing(lanes: string, besides?: string): string {
  const others = besides === undefined ? '' : `AND d.id NOT IN (${besides})`;
  return `freed AS (
    UPDATE lanes l SET held_at = NULL, held_code = NULL, held_message = NULL, recheck_at = NULL,
      paused_until = NULL
    FROM (SELECT lane_key, held_at FROM lanes WHERE lane_key IN (${lanes})
      ORDER BY lane_key FOR UPDATE) before
    WHERE l.lane_key = before.lane_key
    RETURNING l.lane_key, before.held_at IS NOT NULL AS was_held
  ), released AS (
    UPDATE deliveries d SET ${FRESH_ROUND}, is_trial = false,
      next_attempt_at = CASE WHEN d.next_attempt_at > now() + interval '1 hour'
        THEN d.next_attempt_at ELSE now() END
    FROM freed f WHERE d.lane_key = f.lane_key
      AND (d.status = 'held' OR (f.was_held AND ${waiting(DELIVERIES)})) ${others}
    RETURNING d.*
  ), told_released AS (${appendUpdates('released', 'c.status')})`;
}

/** Releases the lanes whose cause is gone: a delivery of `changed` tried one though it was held, and got through. */
export const RELEASING_PROVEN = releasing(
  `SELECT c.lane_key FROM changed c JOIN lanes l ON l.lane_key = c.lane_key
   WHERE c.was_trial AND c.status = 'delivered' AND l.held_at IS NOT NULL`,
  'SELECT id FROM changed',
);

/**
 * Takes messages of `changed` that did not go out off the count of their recipient, `counted_as`: all of one
 * recipient at once, since a statement changes a row only once, and recipients in the order of everybody
 * who counts.
 */
export const UNCOUNTING = `unsent AS (
    SELECT c.client_id, c.counted_as, array_agg(CAST(c.id AS text)) AS ids FROM changed c
    WHERE c.status NOT IN ('delivered', 'unknown') AND NOT c.is_doubtful
    GROUP BY c.client_id, c.counted_as
  ), overcounted AS (
    SELECT r.client_id, r.recipient, u.ids FROM recipient_messages r
      JOIN unsent u ON u.client_id = r.client_id AND u.counted_as = r.recipient
    ORDER BY r.client_id, r.recipient FOR UPDATE OF r
  ), uncounted AS (
    UPDATE recipient_messages r SET sent = r.sent - o.ids FROM overcounted o
    WHERE r.client_id = o.client_id AND r.recipient = o.recipient
  )`;
