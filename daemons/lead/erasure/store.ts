import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { statusKey, WHATSAPP_STATUSES } from '../../../lib/providers/meta/message-status.ts';
import { LeadRow } from '../rows.ts';
import { referenceDigest } from '../reference-digest.ts';
import { keptSource } from './source.ts';

/** Sources under which a provider tells of leads, and may tell of them again. */
const PROVIDER_SOURCES = new Set(['facebook', 'instagram']);

const referenceRow = z.object({ reference: z.string() });

/** By which keys the webhook knows what it was sent about a lead: its own, and those of messages to it. */
async function webhookKeysOf(unit: ClientUnit, lead: LeadRow): Promise<string[]> {
  // An earlier message's id stands only in the history: a new attempt takes its place.
  const result = await unit.rows(
    referenceRow,
    `SELECT provider_reference AS reference FROM deliveries
     WHERE client_id = :client AND lead_id = :lead AND provider_reference IS NOT NULL
     UNION SELECT data ->> 'provider_reference' FROM events
     WHERE client_id = :client AND lead_id = :lead AND data ->> 'provider_reference' IS NOT NULL`,
    { client: unit.scope.clientId, lead: lead.id },
  );
  const messages = result.flatMap(({ reference }) =>
    WHATSAPP_STATUSES.map((status) => statusKey(reference, status)),
  );
  const { lead_reference_id: reference } = lead;
  return reference === null ? messages : [`leadgen:${reference}`, ...messages];
}

/**
 * Empties what the webhook keeps of these events, and the posts they came in: a status names its
 * recipient's number there, and a message's id holds it. Leads are still known by their keys, so that
 * the same one sent again is not fetched again.
 */
export async function emptyWebhookEvents(unit: ClientUnit, lead: LeadRow): Promise<void> {
  const keys = await webhookKeysOf(unit, lead);
  if (keys.length === 0) return;
  await unit.run(
    `WITH emptied AS (
       UPDATE webhook_events SET value = '{}', last_error_message = NULL,
         dedupe_key = CASE WHEN leadgen_id IS NOT NULL THEN dedupe_key
           ELSE 'erased:' || encode(sha256(convert_to(dedupe_key, 'UTF8')), 'hex') END
       WHERE dedupe_key = ANY (CAST(:keys AS text[]))
         -- A reference may be typed by anybody: only the event that made this lead is about it.
         AND (leadgen_id IS NULL OR lead_id = :leadId)
       RETURNING post_id
     )
     UPDATE webhook_posts SET body = '' WHERE id IN (SELECT post_id FROM emptied)`,
    { keys, leadId: lead.id },
  );
}

/**
 * Empties what is kept of messages that came from the lead's numbers, of now and before: STOP and START.
 * What they asked for was applied, and stays, as the rule not to write to that number.
 */
export async function emptyWords(unit: ClientUnit, lead: LeadRow): Promise<void> {
  await unit.run(
    `WITH numbers AS (
       SELECT recipient_key(CAST(:phone AS text)) AS number
       UNION
       SELECT recipient_key(told.number) FROM events e, jsonb_array_elements_text(
         CASE jsonb_typeof(e.data -> 'phone') WHEN 'array' THEN e.data -> 'phone' ELSE '[]' END
       ) AS told (number)
       WHERE e.client_id = :client AND e.lead_id = :lead
     ), emptied AS (
       UPDATE webhook_events SET value = '{}',
         dedupe_key = 'erased:' || encode(sha256(convert_to(dedupe_key, 'UTF8')), 'hex')
       WHERE sender IN (SELECT number FROM numbers)
         AND status IN ('processed', 'ignored', 'failed')
       RETURNING post_id
     )
     UPDATE webhook_posts SET body = '' WHERE id IN (SELECT post_id FROM emptied)`,
    { client: unit.scope.clientId, lead: lead.id, phone: lead.phone },
  );
}

/** What was sent and what providers answered; a message's id holds its recipient's number, a row of a sheet nobody's. */
export async function eraseDeliveries(unit: ClientUnit, leadId: string): Promise<void> {
  const where = { client: unit.scope.clientId, lead: leadId };
  await unit.run(
    `UPDATE delivery_attempts SET request = NULL, message = NULL
     WHERE client_id = :client
       AND delivery_id IN (SELECT id FROM deliveries WHERE client_id = :client AND lead_id = :lead)`,
    where,
  );
  await unit.run(
    `UPDATE deliveries SET last_error_message = NULL,
       provider_reference = CASE WHEN kind = 'google_sheets' THEN provider_reference END
     WHERE client_id = :client AND lead_id = :lead`,
    where,
  );
}

/** What an event may go on saying: nothing of it comes from the person, or from a text about them. */
const KEPT_DETAILS = [
  'status',
  'assigned_to',
  'product_id',
  'delivery_id',
  'integration',
  'destination',
  'destination_id',
  'occasion',
  'attempt',
  'code',
  'reason',
  'provider_status',
  'next_attempt_at',
];

/** Leaves each event with its place in the history, and whatever it says beyond the above as `erased`. */
export async function eraseHistory(unit: ClientUnit, leadId: string): Promise<void> {
  await unit.run(
    `UPDATE events e SET data = COALESCE((
       SELECT jsonb_object_agg(key, CASE WHEN key = ANY (CAST(:kept AS text[])) THEN value
         ELSE '"erased"' END)
       FROM jsonb_each(e.data)), '{}')
     WHERE client_id = :client AND lead_id = :lead AND data <> '{}'`,
    { client: unit.scope.clientId, lead: leadId, kept: KEPT_DETAILS },
  );
}

/** The row without what says who it was. */
export async function eraseLeadRow(unit: ClientUnit, lead: LeadRow, at: Date): Promise<void> {
  const { client_id, id, lead_reference_id: reference, api_key_id, source } = lead;
  const mayComeAgain = api_key_id === null && PROVIDER_SOURCES.has(source);
  await LeadRow.query(unit.trx)
    .patch({
      name: null,
      email: null,
      phone: null,
      phone_valid: null,
      consent: null,
      warnings: null,
      raw_payload: '{}',
      source: keptSource(source),
      lead_reference_id: null,
      erased_reference:
        reference !== null && mayComeAgain ? referenceDigest(client_id, reference) : null,
      erased_at: at,
      updated_at: at,
    })
    .where({ client_id, id });
}
