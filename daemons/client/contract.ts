import { z } from 'zod';
import { clientIdSchema } from '../../lib/core/ids.ts';
import { label, namesSomething } from '../../lib/contract/refinements.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, json } from '../../lib/contract/route.ts';
import { inClient, time } from '../../lib/contract/shapes.ts';
import { AUDIT_ACTOR_KINDS, auditEntry, auditFilters } from './audit/shapes.ts';
import { ofSet, setEntries, setEntry } from './manifest-sets/shapes.ts';

/** What callers of this contract name; between daemons and in commands this file is all there is to import. */
export { AUDIT_ACTOR_KINDS };
export type { AuditEntryView, AuditFilters } from './audit/shapes.ts';
export type { SetEntry } from './manifest-sets/shapes.ts';

export const CLIENT_STATUSES = ['active', 'suspended', 'archived'] as const;
export type ClientStatus = (typeof CLIENT_STATUSES)[number];

const name = label(200);
const country = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z]{2}$/, { message: 'must be two letters (ISO 3166-1), e.g. DE' })
  .meta({ pattern: '^[A-Za-z]{2}$' });

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

const clientChange = namesSomething(
  z
    .strictObject({
      name,
      status: z.enum(CLIENT_STATUSES),
      default_country: country.nullable(),
    })
    .partial(),
);
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

export const clientContract = defineContract('client', {
  createClient: {
    method: 'POST',
    path: '/api/clients',
    access: 'grant',
    summary: 'Make a client under the id you choose for it',
    body: json(newClient),
    responses: { 201: json(client) },
    errors: ['client_exists'],
  },
  listClients: {
    method: 'GET',
    path: '/api/clients',
    access: 'bearer',
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
    access: 'grant',
    summary: 'Rename, suspend or activate a client, or set its country',
    params: inClient,
    body: json(clientChange),
    responses: { 200: json(client) },
  },
  archiveClient: {
    method: 'DELETE',
    path: '/api/clients/{client_id}',
    access: 'grant',
    summary: 'Archive a client: it stops at once, nothing is deleted',
    params: inClient,
    responses: { 204: empty },
  },
  clientAvailability: {
    method: 'GET',
    path: '/api/clients/{client_id}/availability',
    access: 'grant',
    reach: 'platform',
    summary: 'May this id be given to a new client? For those who make clients',
    params: z.object({ client_id: z.string() }),
    responses: { 200: json(availability) },
  },
  listAudit: {
    method: 'GET',
    path: '/api/audit',
    access: 'grant',
    summary: 'Who changed what and what strangers tried, newest first, in every client and in none',
    query: auditFilters,
    responses: { 200: json(pageOf(auditEntry)) },
  },
  listClientAudit: {
    method: 'GET',
    path: '/api/clients/{client_id}/audit',
    access: 'grant',
    summary: 'Who changed what in a client and what was refused there, newest first',
    params: inClient,
    query: auditFilters,
    responses: { 200: json(pageOf(auditEntry)) },
  },
  listSetEntries: {
    method: 'GET',
    path: '/api/manifest-sets/{set}',
    access: 'grant',
    summary: 'List what a named set of manifests made, in the order it was made',
    params: ofSet,
    query: pageQuery,
    responses: { 200: json(pageOf(setEntry)) },
  },
  claimSetEntries: {
    method: 'POST',
    path: '/api/manifest-sets/{set}/entries',
    access: 'grant',
    summary: 'Say that a set is about to make these; they are then no other set’s',
    params: ofSet,
    body: json(setEntries),
    responses: { 204: empty },
  },
  releaseSetEntries: {
    method: 'DELETE',
    path: '/api/manifest-sets/{set}/entries',
    access: 'grant',
    summary: 'Say that these are no longer the set’s, for they were removed',
    params: ofSet,
    body: json(setEntries),
    responses: { 204: empty },
  },
});
export type ClientContract = typeof clientContract;
