import { z } from 'zod';
import type { AllClientsScope, Unit } from '../../../lib/db/scope.ts';
import { rowsOf } from '../../../lib/events/outbox.ts';

/**
 * Leads are fetched from Meta, which may take long; statuses are ours alone and wait for nobody; a person's
 * word waits for neither, since until it counts they may be written to.
 */
export type Lane = 'leads' | 'statuses' | 'words';
export const QUEUE_LANES = ['words', 'leads', 'statuses'] as const satisfies readonly Lane[];

/** Fixed text for SQL. */
const IN_LANE = {
  leads: 'leadgen_id IS NOT NULL',
  statuses: "leadgen_id IS NULL AND NOT jsonb_exists(value, 'word')",
  words: "leadgen_id IS NULL AND jsonb_exists(value, 'word')",
} as const satisfies Record<Lane, string>;

export type QueueUnit = Unit<AllClientsScope>;

const claimedRow = z.object({
  id: z.string(),
  object: z.string(),
  field: z.string(),
  page_id: z.string().nullable(),
  form_id: z.string().nullable(),
  leadgen_id: z.string().nullable(),
  value: z.unknown(),
  attempts: z.int(),
  traceparent: z.string().nullable(),
  age_ms: z.number(),
});
export type ClaimedEvent = z.output<typeof claimedRow> & { readonly lease: string };

/**
 * Takes due events under a lease. The attempt counts from here, whether or not this process lives to
 * tell how it went; the database's clock decides, so that hosts need not agree on the time.
 */
export async function claimEvents(
  unit: QueueUnit,
  lane: Lane,
  claim: { lease: string; leaseMs: number; limit: number },
): Promise<ClaimedEvent[]> {
  const result: unknown = await unit.trx.raw(
    `WITH due AS (
       SELECT id FROM webhook_events
       WHERE status IN ('received', 'retrying') AND ${IN_LANE[lane]}
         AND next_attempt_at <= now()
       ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED
     )
     UPDATE webhook_events e SET status = 'processing', lease = :lease, attempts = attempts + 1,
       leased_until = now() + CAST(:leaseMs AS float8) * interval '1 ms',
       round_started_at = coalesce(round_started_at, now())
     FROM due WHERE e.id = due.id
     RETURNING e.id, object, field, page_id, form_id, leadgen_id, value, attempts, traceparent,
       CAST(extract(epoch FROM now() - round_started_at) * 1000 AS float8) AS age_ms`,
    claim,
  );
  return rowsOf(result).map((row) => ({ ...claimedRow.parse(row), lease: claim.lease }));
}

interface Reason {
  readonly code: string;
  readonly message: string;
}

/** What became of an event. */
export type Outcome =
  | { readonly to: 'processed'; readonly clientId: string | null; readonly leadId: string | null }
  | { readonly to: 'ignored'; readonly reason: Reason }
  | { readonly to: 'unmapped'; readonly reason: Reason | null }
  | { readonly to: 'failed'; readonly clientId: string; readonly reason: Reason }
  /** `by`: what has to change before it goes on. */
  | {
      readonly to: 'held';
      readonly by: 'client' | 'page' | 'event';
      readonly clientId: string;
      readonly reason: Reason;
    }
  | {
      readonly to: 'retrying';
      readonly delayMs: number;
      readonly reason: Reason;
      readonly clientId: string | null;
    }
  /** Nothing was tried: it waits for its page, at no cost to its attempts. */
  | { readonly to: 'waiting'; readonly delayMs: number; readonly formId?: string };

/** Writes an outcome, unless the lease was lost to somebody who came after. */
export async function finishEvent(
  unit: Unit,
  event: Pick<ClaimedEvent, 'id' | 'lease'>,
  outcome: Outcome,
): Promise<boolean> {
  const isWaiting = outcome.to === 'waiting';
  const reason = 'reason' in outcome ? outcome.reason : null;
  const delayMs = 'delayMs' in outcome ? outcome.delayMs : null;
  const result: unknown = await unit.trx.raw(
    `UPDATE webhook_events SET status = :status, lease = NULL, leased_until = NULL,
       attempts = attempts - :uncounted, client_id = coalesce(:client, client_id),
       lead_id = coalesce(:lead, lead_id), form_id = coalesce(form_id, :form),
       last_error_code = :code, last_error_message = :message, held_by = :heldBy,
       next_attempt_at = now() + CAST(:delayMs AS float8) * interval '1 ms',
       processed_at = CASE WHEN CAST(:delayMs AS float8) IS NULL THEN now() END
     WHERE id = :id AND lease = :lease RETURNING id`,
    {
      id: event.id,
      lease: event.lease,
      status: isWaiting ? 'received' : outcome.to,
      uncounted: isWaiting ? 1 : 0,
      client: 'clientId' in outcome ? outcome.clientId : null,
      lead: outcome.to === 'processed' ? outcome.leadId : null,
      form: isWaiting ? (outcome.formId ?? null) : null,
      code: reason?.code ?? null,
      message: reason?.message ?? null,
      heldBy: outcome.to === 'held' ? outcome.by : null,
      delayMs,
    },
  );
  return rowsOf(result).length === 1;
}

/** Milliseconds until the lane's next event is due; null when none waits. */
export async function nextDueInMs(unit: QueueUnit, lane: Lane): Promise<number | null> {
  const result: unknown = await unit.trx.raw(
    `SELECT CAST(extract(epoch FROM min(next_attempt_at) - now()) * 1000 AS float8) AS ms
     FROM webhook_events WHERE status IN ('received', 'retrying') AND ${IN_LANE[lane]}`,
  );
  const [row] = rowsOf(result);
  const { ms } = z.object({ ms: z.number().nullable() }).parse(row);
  return ms === null ? null : Math.max(0, Math.ceil(ms));
}

/** Whether any lane has an event that is due. */
export async function isAnythingDue(unit: QueueUnit): Promise<boolean> {
  const result: unknown = await unit.trx.raw(
    `SELECT 1 WHERE EXISTS (SELECT FROM webhook_events WHERE status IN ('received', 'retrying')
         AND leadgen_id IS NOT NULL AND next_attempt_at <= now())
       OR EXISTS (SELECT FROM webhook_events WHERE status IN ('received', 'retrying')
         AND leadgen_id IS NULL AND next_attempt_at <= now())`,
  );
  return rowsOf(result).length > 0;
}
