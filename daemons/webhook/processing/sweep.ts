import type { AllClientsScope, Unit } from '../../../lib/db/scope.ts';
import { expired } from '../../../lib/queue/expire.ts';
import { LEAVING } from '../../../lib/queue/leave.ts';
import { TOKEN_MARKS } from '../sources/token.ts';
import { EVENTS, GO_ON } from './table.ts';

export type QueueUnit = Unit<AllClientsScope>;

/** An event whose processes keep dying in the middle is looked at by a human instead. */
const MOST_LOST_ATTEMPTS = 10;
const MOST_AT_A_TIME = 1_000;

/** Gives back events whose process died or hung: their leases are over. */
export async function reapLeases(unit: QueueUnit): Promise<number> {
  return unit.run(
    `WITH gone AS (${expired(EVENTS, 'e.id', ':atATime')})
       UPDATE webhook_events e SET ${LEAVING}, next_attempt_at = now(),
         status = CASE WHEN attempts < :most THEN 'retrying' ELSE 'failed' END,
         last_error_code = 'lease_expired',
         last_error_message = 'The process that worked on it ended before it was done.'
       FROM gone WHERE e.id = gone.id`,
    { most: MOST_LOST_ATTEMPTS, atATime: MOST_AT_A_TIME },
  );
}

/**
 * Lets unmapped events go on whose page or form is mapped by now: those of one page, or all. Found by
 * page and form, of which there are few, rather than event by event.
 */
export async function redriveUnmapped(
  unit: QueueUnit,
  page?: { pageId: string; formId: string | null },
): Promise<number> {
  return unit.run(
    `WITH waiting AS (
         SELECT DISTINCT page_id, form_id FROM webhook_events WHERE status = 'unmapped'
           AND (CAST(:page AS text) IS NULL OR page_id = :page)
           AND (CAST(:form AS text) IS NULL OR form_id = :form)
       ), mapped AS (
         SELECT page_id, form_id FROM waiting w
         WHERE EXISTS (SELECT FROM meta_sources s
             WHERE s.page_id = w.page_id AND (s.form_id IS NULL OR s.form_id = w.form_id))
           OR 1 = (SELECT count(DISTINCT client_id) FROM client_integrations i
             WHERE i.meta_page_id = w.page_id AND (i.meta_form_id IS NULL OR i.meta_form_id = w.form_id))
       )
       UPDATE webhook_events e SET ${GO_ON} FROM mapped m
       WHERE e.status = 'unmapped' AND e.page_id = m.page_id
         AND e.form_id IS NOT DISTINCT FROM m.form_id`,
    { page: page?.pageId ?? null, form: page?.formId ?? null },
  );
}

/**
 * Lets held events go on once what held them has changed: the client is active again; the page's
 * hold is gone, due to be looked at, or from before its token was replaced; for an event parked by
 * itself, the client's settings were changed since.
 */
export async function releaseHeld(unit: QueueUnit): Promise<number> {
  return unit.run(
    `UPDATE webhook_events e SET ${GO_ON}
       FROM clients c LEFT JOIN client_integrations i USING (client_id)
       WHERE e.status = 'held' AND e.client_id = c.client_id AND c.status = 'active' AND (
         e.held_by = 'client'
         OR (e.held_by = 'event' AND i.updated_at > e.processed_at)
         OR (e.held_by = 'page' AND NOT EXISTS (SELECT FROM meta_holds h
           WHERE h.client_id = e.client_id AND h.page_id = e.page_id
             AND (h.recheck_at IS NULL OR h.recheck_at > now())
             AND h.token_mark = ANY(${TOKEN_MARKS})))
       )`,
  );
}

/**
 * Forgets posts received more than `keepDays` ago, with their events, unless one of these still has
 * something owed. At most `limit` a call: call again until 0.
 */
export async function prunePosts(
  unit: QueueUnit,
  options: { keepDays: number; limit: number },
): Promise<number> {
  return unit.run(
    `DELETE FROM webhook_posts WHERE id IN (
         SELECT p.id FROM webhook_posts p
         WHERE p.received_at < now() - CAST(:keepDays AS float8) * interval '1 day'
           AND NOT EXISTS (SELECT FROM webhook_events e WHERE e.post_id = p.id
             AND e.status NOT IN ('processed', 'ignored', 'failed'))
         ORDER BY p.received_at LIMIT :limit
       )`,
    options,
  );
}
