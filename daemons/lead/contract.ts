import { z } from 'zod';
import { idSchema } from '../../lib/core/ids.ts';
import { label, namesSomething } from '../../lib/contract/refinements.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, events, form, items, json } from '../../lib/contract/route.ts';
import { inClient, time } from '../../lib/contract/shapes.ts';
import {
  API_KEY_SCOPES,
  apiKey,
  apiKeyChange,
  apiKeyWithSecret,
  newApiKey,
} from './api-keys/shapes.ts';
import {
  batch,
  batchHeaders,
  batchResults,
  MOST_LEADS,
  ingestAnswers,
  ingestBody,
  ingestHeaders,
  readHeaders,
} from './ingest/shapes.ts';
import { refusal, refusalFilters } from './refusals/shapes.ts';
import { CONTACT_MAX, LABEL_MAX } from './writing/limits.ts';

/** What callers of this contract name; between daemons and in commands this file is all there is to import. */
export { API_KEY_SCOPES };
export type { ApiKey } from './api-keys/shapes.ts';
export type { CreateLeadWriter, LeadWriter, ProvidedLead } from './provided/provided.ts';
export type { RefusalView } from './refusals/shapes.ts';

const ofLead = inClient.extend({ lead_id: idSchema });
const ofKey = inClient.extend({ key_id: idSchema });

export const LEAD_STATUSES = ['new', 'contacted', 'qualified', 'won', 'lost', 'spam'] as const;

const lead = z.object({
  id: idSchema,
  client_id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  phone_valid: z.boolean().nullable(),
  source: z.string(),
  lead_reference_id: z.string().nullable(),
  product_id: z.string().nullable(),
  consent: z.unknown(),
  status: z.enum(LEAD_STATUSES),
  assigned_to_user_client_id: z.string().nullable(),
  warnings: z.array(z.string()),
  raw_payload: z.unknown(),
  created_at: time,
  updated_at: time,
  erased_at: time.nullable(),
});
export type Lead = z.input<typeof lead>;

export const LEAD_EVENTS = ['lead.created', 'lead.updated', 'delivery.updated'] as const;

/** What the stream says happened. */
const leadEvent = z.object({
  at: time,
  /** Finer than the event's name: a duplicate and an erasure are updates. */
  kind: z.string(),
  lead_id: z.string(),
  /** As it is now. */
  lead: lead.omit({ raw_payload: true }),
  detail: z.record(z.string(), z.unknown()),
});
export type StreamedEvent = z.input<typeof leadEvent>;

const leadFilters = pageQuery.extend({
  source: z.string().max(200).optional(),
  status: z.enum(LEAD_STATUSES).optional(),
  assigned_to: z.union([idSchema, z.literal('none')]).optional(),
  product_id: idSchema.optional(),
  created_after: time.optional(),
  created_before: time.optional(),
  q: z.string().min(1).max(200).optional(),
});
export type LeadFilters = z.output<typeof leadFilters>;

/** What a system that fetches leads with an API key asks for. */
const keyedFilters = leadFilters.pick({ limit: true, cursor: true, created_after: true });
export type KeyedFilters = z.output<typeof keyedFilters>;

const contact = label(CONTACT_MAX);
const reference = label(LABEL_MAX);

const newLead = z.strictObject({
  name: contact.optional(),
  email: contact.optional(),
  phone: contact.optional(),
  source: reference.default('manual'),
  lead_reference_id: reference.optional(),
  product_id: idSchema.optional(),
  consent: z.unknown().optional(),
  assigned_to_user_client_id: idSchema.optional(),
});
export type NewLead = z.output<typeof newLead>;

const leadChange = namesSomething(
  z
    .strictObject({
      status: z.enum(LEAD_STATUSES),
      assigned_to_user_client_id: idSchema.nullable(),
      name: contact.nullable(),
      email: contact.nullable(),
      phone: contact
        .nullable()
        .describe('E.164 where it can be read; else kept, phone_valid false'),
      product_id: idSchema.nullable().describe('One that the client offers'),
    })
    .partial(),
);
export type LeadChange = z.output<typeof leadChange>;

const timelineActor = z.object({
  kind: z.enum(['member', 'administrator', 'api_key', 'machine_token', 'meta', 'system']),
  /** Of the user, the key or the token. */
  id: z.string().optional(),
  /** A member’s e-mail, a key’s or a token’s name; an administrator’s e-mail for administrators only. */
  name: z.string().optional(),
});

const timelineEntry = z.object({
  at: time,
  kind: z.string(),
  detail: z.record(z.string(), z.unknown()),
  actor: timelineActor,
});
export type TimelineEntry = z.input<typeof timelineEntry>;

const leadSummary = z.object({
  at: time,
  /** Leads that came in, one number a minute, the oldest first; the last ends at `at`. */
  per_minute: z.array(z.int()),
  total: z.int(),
});
export type LeadSummary = z.output<typeof leadSummary>;

export const leadContract = defineContract('lead', {
  ingest: {
    method: 'POST',
    path: '/api/leads/ingest',
    access: 'api_key',
    summary: 'Store a lead from a website form, durably, before answering',
    headers: ingestHeaders,
    body: form(ingestBody),
    page: { title: 'Thank you', text: 'Your message was received.' },
    responses: ingestAnswers,
    errors: ['origin_not_allowed', 'idempotency_key_reused', 'upstream_unavailable'],
  },
  ingestBatch: {
    method: 'POST',
    path: '/api/leads/ingest/batch',
    access: 'api_key',
    summary: 'Store up to 1000 leads, with a result for each',
    headers: batchHeaders,
    body: items(batch, 'leads', MOST_LEADS),
    maxBodyBytes: 8 * 1024 * 1024,
    responses: { 207: json(batchResults) },
    errors: ['origin_not_allowed', 'upstream_unavailable'],
  },
  listLeadsByKey: {
    method: 'GET',
    path: '/api/leads',
    access: 'api_key',
    summary: 'List all leads of the API key’s client, newest first; needs the scope leads:read',
    headers: readHeaders,
    query: keyedFilters,
    responses: { 200: json(pageOf(lead)) },
    errors: ['origin_not_allowed'],
  },
  getLeadByKey: {
    method: 'GET',
    path: '/api/leads/{lead_id}',
    access: 'api_key',
    summary: 'Read a lead of the API key’s client; needs the scope leads:read',
    params: z.object({ lead_id: idSchema }),
    headers: readHeaders,
    responses: { 200: json(lead) },
    errors: ['origin_not_allowed', 'not_found'],
  },
  listLeads: {
    method: 'GET',
    path: '/api/clients/{client_id}/leads',
    access: 'grant',
    summary: 'List the leads in your part of the hierarchy, newest first',
    params: inClient,
    query: leadFilters,
    responses: { 200: json(pageOf(lead)) },
  },
  createLead: {
    method: 'POST',
    path: '/api/clients/{client_id}/leads',
    access: 'grant',
    summary: 'Enter a lead by hand',
    params: inClient,
    body: json(newLead),
    responses: { 201: json(lead) },
    errors: ['conflict'],
  },
  streamLeads: {
    method: 'GET',
    path: '/api/clients/{client_id}/leads/stream',
    access: 'grant',
    summary: 'Follow leads and deliveries as they happen (server-sent events)',
    params: inClient,
    headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
    responses: { 200: events(leadEvent, LEAD_EVENTS) },
  },
  summariseLeads: {
    method: 'GET',
    path: '/api/clients/{client_id}/leads/summary',
    access: 'grant',
    summary: 'Count the leads in your part of the hierarchy that came in lately, minute by minute',
    params: inClient,
    query: z.object({ minutes: z.coerce.number().int().min(1).max(240).default(60) }),
    responses: { 200: json(leadSummary) },
  },
  getLead: {
    method: 'GET',
    path: '/api/clients/{client_id}/leads/{lead_id}',
    access: 'grant',
    summary: 'Read a lead',
    params: ofLead,
    responses: { 200: json(lead) },
    errors: ['not_found'],
  },
  updateLead: {
    method: 'PATCH',
    path: '/api/clients/{client_id}/leads/{lead_id}',
    access: 'grant',
    summary: 'Change a lead’s status or assignee, or correct its contact or product',
    params: ofLead,
    body: json(leadChange),
    responses: { 200: json(lead) },
    errors: ['not_found', 'conflict'],
  },
  eraseLead: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/leads/{lead_id}',
    access: 'grant',
    summary: 'Erase a lead’s personal data, keeping an audit entry',
    params: ofLead,
    responses: { 204: empty },
    errors: ['not_found'],
  },
  leadTimeline: {
    method: 'GET',
    path: '/api/clients/{client_id}/leads/{lead_id}/timeline',
    access: 'grant',
    summary: 'What happened to a lead, oldest first',
    params: ofLead,
    responses: { 200: json(z.array(timelineEntry)) },
    errors: ['not_found'],
  },
  listRefusals: {
    method: 'GET',
    path: '/api/clients/{client_id}/refusals',
    access: 'grant',
    summary: 'Count the posts of leads that were not taken, by key, origin, address and reason',
    params: inClient,
    query: refusalFilters,
    responses: { 200: json(pageOf(refusal)) },
    errors: ['not_found'],
  },
  createApiKey: {
    method: 'POST',
    path: '/api/clients/{client_id}/api-keys',
    access: 'grant',
    summary: 'Make an API key; its value is shown this once',
    params: inClient,
    body: json(newApiKey),
    responses: { 201: json(apiKeyWithSecret) },
    errors: ['conflict'],
  },
  listApiKeys: {
    method: 'GET',
    path: '/api/clients/{client_id}/api-keys',
    access: 'grant',
    summary: 'List API keys, without their values',
    params: inClient,
    query: pageQuery,
    responses: { 200: json(pageOf(apiKey)) },
  },
  updateApiKey: {
    method: 'PATCH',
    path: '/api/clients/{client_id}/api-keys/{key_id}',
    access: 'grant',
    summary: 'Change what an API key may do, everywhere within a second; its value stays',
    params: ofKey,
    body: json(apiKeyChange),
    responses: { 200: json(apiKey) },
    errors: ['not_found'],
  },
  revokeApiKey: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/api-keys/{key_id}',
    access: 'grant',
    summary: 'Revoke an API key, everywhere within a second',
    params: ofKey,
    responses: { 204: empty },
    errors: ['not_found'],
  },
  rotateApiKey: {
    method: 'POST',
    path: '/api/clients/{client_id}/api-keys/{key_id}/rotate',
    access: 'grant',
    summary: 'Replace an API key; the old one works on for the overlap',
    params: ofKey,
    body: json(z.strictObject({ overlap_seconds: z.int().min(0).max(2_592_000).default(0) })),
    responses: { 201: json(apiKeyWithSecret) },
    errors: ['not_found', 'conflict'],
  },
});
export type LeadContract = typeof leadContract;
