import { z } from 'zod';
import type { RunStatement, Statement } from '../../../lib/db/statement.ts';
import { claiming } from '../../../lib/queue/claim.ts';
import { LEAVING, waitingState } from '../../../lib/queue/leave.ts';
import { due, inMs, nextDueMs, waiting } from '../../../lib/queue/table.ts';
import { EVENTS, IN_LANE, QUEUE_LANES, type Lane } from './table.ts';

const claimedRow = z.object({
  id: z.string(),
  lease: z.string(),
  object: z.string(),
  field: z.string(),
  page_id: z.string().nullable(),
  form_id: z.string().nullable(),
  leadgen_id: z.string().nullable(),
  value: z.unknown(),
  attempts: z.int(),
  age_ms: z.number(),
});
export type ClaimedEvent = z.output<typeof claimedRow>;

const claimOf = (lane: Lane): Statement<ClaimedEvent> => ({
  name: `claim-events-${lane}`,
  text: `WITH ${claiming(EVENTS, { where: IN_LANE[lane], lease: '$1', limit: '$2', leaseMs: '$3' })}
    SELECT id, lease, object, field, page_id, form_id, leadgen_id, value, attempts,
      CAST(EXTRACT(EPOCH FROM now() - round_started_at) * 1000 AS double precision) AS age_ms
    FROM claimed`,
  row: claimedRow,
});
const CLAIM = {
  leads: claimOf('leads'),
  statuses: claimOf('statuses'),
  words: claimOf('words'),
} as const satisfies Record<Lane, unknown>;

/** Takes due events of a lane under a lease. */
export async function claimEvents(
  run: RunStatement,
  lane: Lane,
  claim: { readonly lease: string; readonly leaseMs: number; readonly limit: number },
): Promise<ClaimedEvent[]> {
  return run(CLAIM[lane], [claim.lease, claim.limit, claim.leaseMs]);
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

export interface Finished {
  readonly event: Pick<ClaimedEvent, 'id' | 'lease'>;
  readonly outcome: Outcome;
}

/** `waiting` puts it back; from every other state somebody or something has to let it go on. */
const FINISH: Statement<{ id: string }> = {
  name: 'finish-events',
  text: `
    WITH result AS (
      SELECT * FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(lease uuid, id uuid, "to" text,
        client_id text, lead_id uuid, form_id text, code text, message text, held_by text,
        in_ms double precision)
    ), own AS (
      SELECT e.id FROM webhook_events e JOIN result r ON r.id = e.id AND r.lease = e.lease
      ORDER BY e.id FOR UPDATE OF e
    )
    UPDATE webhook_events e SET ${LEAVING},
      status = CASE WHEN r."to" = 'waiting' THEN ${waitingState(EVENTS, 'e.attempts - 1')} ELSE r."to" END,
      attempts = e.attempts - CASE WHEN r."to" = 'waiting' THEN 1 ELSE 0 END,
      client_id = COALESCE(r.client_id, e.client_id), lead_id = COALESCE(r.lead_id, e.lead_id),
      form_id = COALESCE(e.form_id, r.form_id), last_error_code = r.code,
      last_error_message = r.message, held_by = r.held_by, next_attempt_at = ${inMs('r.in_ms')},
      processed_at = CASE WHEN r.in_ms IS NULL THEN now() END
    FROM own JOIN result r ON r.id = own.id WHERE e.id = own.id
    RETURNING e.id`,
  row: z.object({ id: z.string() }),
};

/** Writes outcomes; resolves to the ids of those whose lease was not lost to somebody who came after. */
export async function finishEvents(
  run: RunStatement,
  finished: readonly Finished[],
): Promise<ReadonlySet<string>> {
  const results = finished.map(({ event, outcome }) => ({
    id: event.id,
    lease: event.lease,
    to: outcome.to,
    client_id: 'clientId' in outcome ? outcome.clientId : null,
    lead_id: outcome.to === 'processed' ? outcome.leadId : null,
    form_id: outcome.to === 'waiting' ? (outcome.formId ?? null) : null,
    code: 'reason' in outcome ? (outcome.reason?.code ?? null) : null,
    message: 'reason' in outcome ? (outcome.reason?.message ?? null) : null,
    held_by: outcome.to === 'held' ? outcome.by : null,
    in_ms: 'delayMs' in outcome ? outcome.delayMs : null,
  }));
  return new Set((await run(FINISH, [JSON.stringify(results)])).map(({ id }) => id));
}

const nextOf = (lane: Lane): Statement<{ ms: number | null }> => ({
  name: `next-due-events-${lane}`,
  text: `SELECT ${nextDueMs(EVENTS)} AS ms FROM webhook_events e WHERE ${waiting(EVENTS)} AND ${IN_LANE[lane]}`,
  row: z.object({ ms: z.number().nullable() }),
});

/** Milliseconds until the lane's next event is due; null when none waits. */
export async function nextDueInMs(run: RunStatement, lane: Lane): Promise<number | null> {
  const [next] = await run(nextOf(lane), []);
  return next === undefined || next.ms === null ? null : Math.max(0, Math.ceil(next.ms));
}

const ANY_DUE: Statement<{ is_due: boolean }> = {
  name: 'any-due-events',
  text: `SELECT ${QUEUE_LANES.map(
    (lane) => `EXISTS (SELECT FROM webhook_events e WHERE ${due(EVENTS)} AND ${IN_LANE[lane]})`,
  ).join(' OR ')} AS is_due`,
  row: z.object({ is_due: z.boolean() }),
};

/** Whether any lane has an event that is due. */
export async function isAnythingDue(run: RunStatement): Promise<boolean> {
  return (await run(ANY_DUE, []))[0]?.is_due === true;
}
