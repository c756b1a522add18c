import { z } from 'zod';
import { clientIdSchema, idSchema } from '../../lib/core/ids.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, json } from '../../lib/contract/route.ts';
import { inClient, time } from '../../lib/contract/shapes.ts';

export const CLIENT_STATUSES = ['active', 'suspended', 'archived'] as const;
export type ClientStatus = (typeof CLIENT_STATUSES)[number];

const name = z.string().trim().min(1).max(200);
const country = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{2}$/, { message: 'must be two letters (ISO 3166-1), e.g. DE' });

const client = z.object({
  client_id: z.string(),
  name: z.string(),
  status: z.enum(CLIENT_STATUSES),
  default_country: z.string().nullable(),
  created_at: time,
  updated_at: time,
});
export type ClientView = z.input<typeof client>;

const newClient = z.strictObject({
  client_id: clientIdSchema,
  name,
  status: z.enum(CLIENT_STATUSES).default('active'),
  default_country: country.nullable().default(null),
});
export type NewClient = z.output<typeof newClient>;

const clientChange = z
  .strictObject({
    name,
    status: z.enum(CLIENT_STATUSES),
    default_country: country.nullable(),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' });
export type ClientChange = z.output<typeof clientChange>;

const clientFilters = pageQuery.extend({ status: z.enum(CLIENT_STATUSES).optional() });
export type ClientFilters = z.output<typeof clientFilters>;

const availability = z.object({
  client_id: z.string(),
  valid: z.boolean(),
  available: z.boolean(),
  /** Why not, for the reader; null when the id can be had. */
  reason: z.string().nullable(),
});
export type Availability = z.input<typeof availability>;

const auditEntry = z.object({
  id: idSchema,
  at: time,
  client_id: z.string().nullable(),
  actor_kind: z.enum(['user', 'api_key', 'service', 'operator']),
  actor_id: z.string().nullable(),
  action: z.string(),
  target_kind: z.string(),
  target_id: z.string(),
  request_id: z.string().nullable(),
  ip: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEntryView = z.input<typeof auditEntry>;

const filterText = z.string().min(1).max(200).optional();
const auditFilters = pageQuery.extend({
  actor_id: filterText,
  action: filterText,
  target_kind: filterText,
  target_id: filterText,
  /** From this moment on. */
  since: time.optional(),
  /** Before this moment. */
  until: time.optional(),
});
export type AuditFilters = z.output<typeof auditFilters>;

const ofSet = z.object({
  set: z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, {
    message: 'must be 1–64 of a–z, 0–9, ".", "_" or "-", with a letter or digit at both ends',
  }),
});

export const MANIFEST_KINDS = [
  'role',
  'industry',
  'category',
  'product',
  'client',
  'member',
  'client_product',
  'api_key',
  'meta_source',
] as const;

const setEntry = z.strictObject({
  kind: z.enum(MANIFEST_KINDS),
  /** Null for what belongs to no client. */
  client_id: clientIdSchema.nullable(),
  /** The name under which a manifest knows it, unique within kind and client. */
  identity: z.string().min(1).max(1_000),
});
export type SetEntry = z.output<typeof setEntry>;

const setEntries = z.strictObject({ entries: z.array(setEntry).min(1).max(500) });

export const clientContract = defineContract('client', {
  createClient: {
    method: 'POST',
    path: '/api/clients',
    access: 'admin',
    summary: 'Make a client under the id you choose for it',
    body: json(newClient),
    responses: { 201: json(client) },
    errors: ['client_exists'],
  },
  listClients: {
    method: 'GET',
    path: '/api/clients',
    access: 'user',
    summary: 'List the clients you belong to; an admin sees them all',
    query: clientFilters,
    responses: { 200: json(pageOf(client)) },
  },
  getClient: {
    method: 'GET',
    path: '/api/clients/{client_id}',
    access: 'grant',
    summary: 'Read a client',
    params: inClient,
    responses: { 200: json(client) },
  },
  updateClient: {
    method: 'PATCH',
    path: '/api/clients/{client_id}',
    access: 'admin',
    summary: 'Rename, suspend or activate a client, or set its country',
    params: inClient,
    body: json(clientChange),
    responses: { 200: json(client) },
  },
  archiveClient: {
    method: 'DELETE',
    path: '/api/clients/{client_id}',
    access: 'admin',
    summary: 'Archive a client: it stops at once, nothing is deleted',
    params: inClient,
    responses: { 204: empty },
  },
  clientAvailability: {
    method: 'GET',
    path: '/api/clients/{client_id}/availability',
    access: 'user',
    summary: 'May this id be given to a new client?',
    params: z.object({ client_id: z.string() }),
    responses: { 200: json(availability) },
  },
  listAudit: {
    method: 'GET',
    path: '/api/audit',
    access: 'admin',
    summary: 'Who changed what, newest first, in every client',
    query: auditFilters,
    responses: { 200: json(pageOf(auditEntry)) },
  },
  listClientAudit: {
    method: 'GET',
    path: '/api/clients/{client_id}/audit',
    access: 'grant',
    summary: 'Who changed what in a client, newest first',
    params: inClient,
    query: auditFilters,
    responses: { 200: json(pageOf(auditEntry)) },
  },
  listSetEntries: {
    method: 'GET',
    path: '/api/manifest-sets/{set}',
    access: 'admin',
    summary: 'List what a named set of manifests made, in the order it was made',
    params: ofSet,
    query: pageQuery,
    responses: { 200: json(pageOf(setEntry)) },
  },
  claimSetEntries: {
    method: 'POST',
    path: '/api/manifest-sets/{set}/entries',
    access: 'admin',
    summary: 'Say that a set is about to make these; they are then no other set’s',
    params: ofSet,
    body: json(setEntries),
    responses: { 204: empty },
  },
  releaseSetEntries: {
    method: 'DELETE',
    path: '/api/manifest-sets/{set}/entries',
    access: 'admin',
    summary: 'Say that these are no longer the set’s, for they were removed',
    params: ofSet,
    body: json(setEntries),
    responses: { 204: empty },
  },
});
export type ClientContract = typeof clientContract;
