import { z } from 'zod';
import { clientIdSchema, idSchema } from '../../lib/core/ids.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, json, raw, text } from '../../lib/contract/route.ts';
import { time } from '../../lib/contract/shapes.ts';

export const WEBHOOK_EVENT_STATUSES = [
  'received',
  'processing',
  'unmapped',
  'processed',
  'retrying',
  'held',
  'failed',
  'ignored',
] as const;

const reason = z.object({ code: z.string(), message: z.string() });

const event = z.object({
  id: idSchema,
  object: z.string(),
  field: z.string(),
  page_id: z.string().nullable(),
  form_id: z.string().nullable(),
  leadgen_id: z.string().nullable(),
  status: z.enum(WEBHOOK_EVENT_STATUSES),
  attempts: z.int(),
  last_error: reason.nullable(),
  next_attempt_at: time.nullable(),
  client_id: z.string().nullable(),
  lead_id: z.string().nullable(),
  received_at: time,
  processed_at: time.nullable(),
});
export type WebhookEvent = z.input<typeof event>;

const eventFilters = pageQuery.extend({ status: z.enum(WEBHOOK_EVENT_STATUSES).optional() });
export type WebhookEventFilters = z.output<typeof eventFilters>;

const reconcileRequest = z.strictObject({
  /** From when on, in the leads' own time; from where the last one got to by default. */
  since: time.optional(),
  /** The `continuation` of an answer that ran out of time. */
  continuation: z.string().max(4_000).optional(),
});
export type ReconcileRequest = z.output<typeof reconcileRequest>;

const leadAtMeta = z.object({ leadgen_id: z.string(), created_at: time });

const reconcileReport = z.object({
  source_id: idSchema,
  page_id: z.string(),
  form_id: z.string().nullable(),
  since: time,
  /** Leads that Meta has. */
  checked: z.int(),
  /** Those of them that we had not. */
  missing: z.int(),
  /** Those of the missing that are stored now. */
  filled: z.int(),
  failed: z.array(leadAtMeta.extend({ code: z.string(), message: z.string() })),
  /** Leads that are stored and not delivered where an enabled integration should have; at most 200. */
  undelivered: z.array(
    leadAtMeta.extend({
      lead_id: idSchema,
      integration: z.string(),
      status: z.string().nullable(),
    }),
  ),
  reconciled_until: time.nullable(),
  /** What Meta refused, and what to do; null when all went well as far as it went. */
  stopped: reason.nullable(),
  /** Not null: there are more leads than the time allows. Send it back to go on where this ended. */
  continuation: z.string().nullable(),
});
export type ReconcileReport = z.input<typeof reconcileReport>;

/** Meta packs up to 1000 changes in a post. */
const LARGEST_POST_BYTES = 4 * 1024 * 1024;

export const webhookContract = defineContract('webhook', {
  subscribe: {
    method: 'GET',
    path: '/webhook/meta',
    access: 'public',
    throttle: 'none',
    summary: 'Answer Meta’s handshake',
    // Whatever is wrong with them, the answer is 403: a handshake has no other failure.
    query: z.object({
      'hub.mode': z.unknown().optional(),
      'hub.verify_token': z.unknown().optional(),
      'hub.challenge': z.unknown().optional(),
    }),
    responses: { 200: text },
    errors: ['forbidden'],
  },
  receive: {
    method: 'POST',
    path: '/webhook/meta',
    access: 'public',
    throttle: 'none',
    summary: 'Keep what Meta signed, durably, before answering',
    headers: z.object({ 'x-hub-signature-256': z.string().optional() }),
    body: raw,
    maxBodyBytes: LARGEST_POST_BYTES,
    responses: { 200: empty },
    errors: ['unauthenticated', 'upstream_unavailable'],
  },
  listEvents: {
    method: 'GET',
    path: '/api/webhook/events',
    access: 'grant',
    summary: 'List what Meta sent and what became of it, newest first',
    query: eventFilters,
    responses: { 200: json(pageOf(event)) },
  },
  reconcile: {
    method: 'POST',
    path: '/api/clients/{client_id}/meta-sources/{source_id}/reconcile',
    access: 'grant',
    summary: 'Compare a form’s leads at Meta with ours and fetch the missing ones',
    params: z.object({ client_id: clientIdSchema, source_id: idSchema }),
    body: json(reconcileRequest),
    responses: { 200: json(reconcileReport) },
    errors: ['not_found', 'conflict', 'client_suspended'],
  },
});
export type WebhookContract = typeof webhookContract;
