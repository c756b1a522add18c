import type { Pool } from 'pg';
import { z } from 'zod';
import { DEADLOCK, FOREIGN_KEY_VIOLATION, isRowError, sqlState } from '../../../lib/db/errors.ts';
import { wrapUnstorable, safeText } from '../../../lib/db/storable.ts';
import { PRODUCT_NOT_OFFERED } from '../writing/contact.ts';

/** A lead on its way into the table. */
export interface IncomingLead {
  readonly id: string;
  readonly clientId: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly phoneValid: boolean | null;
  readonly source: string;
  readonly leadReferenceId: string | null;
  readonly productId: string | null;
  readonly consent: string | null;
  readonly status: 'new' | 'spam';
  readonly apiKeyId: string | null;
  readonly warnings: string | null;
  readonly rawPayload: string;
  readonly idempotencyKey: string | null;
  readonly fingerprint: Buffer | null;
  readonly createdAt: Date;
  /** Of the trace in which it came, for what is done with it later. */
  readonly traceparent: string | null;
}

/** `stored`: a row of its own. `duplicate`: an earlier lead has its key or its reference. */
export type Inserted = 'stored' | 'duplicate';

/**
 * One statement, so one transaction, for any number of leads of any clients: keys first, then the
 * leads that own theirs, then an event for each. Inserting in the order of each unique index keeps
 * two batches from waiting for one another in a circle. Rows that are not returned are duplicates.
 */
const INSERT_LEADS = `
  WITH input AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[],
      $7::text[], $8::text[], $9::uuid[], $10::jsonb[], $11::text[], $12::uuid[], $13::jsonb[],
      $14::jsonb[], $15::text[], $16::bytea[], $17::timestamptz[], $18::text[])
    AS t(id, client_id, name, email, phone, phone_valid, source, lead_reference_id, product_id, consent,
      status, api_key_id, warnings, raw_payload, idempotency_key, fingerprint, created_at, traceparent)
  ), claimed AS (
    INSERT INTO idempotency_keys (client_id, key, fingerprint, lead_id, created_at)
    SELECT client_id, idempotency_key, fingerprint, id, created_at FROM input
    WHERE idempotency_key IS NOT NULL ORDER BY client_id, idempotency_key
    ON CONFLICT DO NOTHING
    RETURNING lead_id
  ), fresh AS (
    INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, lead_reference_id,
      product_id, consent, status, api_key_id, warnings, raw_payload, created_at, updated_at, traceparent)
    SELECT id, client_id, name, email, phone, phone_valid, source, lead_reference_id, product_id,
      consent, status, api_key_id, warnings, raw_payload, created_at, created_at, traceparent FROM input
    WHERE idempotency_key IS NULL OR id IN (SELECT lead_id FROM claimed)
    ORDER BY client_id, source, lead_reference_id, id
    ON CONFLICT DO NOTHING
    RETURNING id, client_id
  ), announced AS (
    INSERT INTO events (client_id, lead_id, kind) SELECT client_id, id, 'lead.created' FROM fresh
  )
  SELECT id FROM fresh`;

/**
 * The same for leads of which none can be a duplicate, as most are: nothing to claim, nothing to look
 * for, nothing to tell.
 */
const INSERT_PLAIN_LEADS = `
  WITH fresh AS (
    INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, product_id, consent,
      status, api_key_id, warnings, raw_payload, created_at, updated_at, traceparent)
    SELECT id, client_id, name, email, phone, phone_valid, source, product_id, consent,
      status, api_key_id, warnings, raw_payload, created_at, created_at, traceparent
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[],
      $8::uuid[], $9::jsonb[], $10::text[], $11::uuid[], $12::jsonb[], $13::jsonb[], $14::timestamptz[],
      $15::text[])
    AS t(id, client_id, name, email, phone, phone_valid, source, product_id, consent, status,
      api_key_id, warnings, raw_payload, created_at, traceparent)
    RETURNING id, client_id
  )
  INSERT INTO events (client_id, lead_id, kind) SELECT client_id, id, 'lead.created' FROM fresh`;

const PLAIN_COLUMNS = [
  'id',
  'clientId',
  'name',
  'email',
  'phone',
  'phoneValid',
  'source',
  'productId',
  'consent',
  'status',
  'apiKeyId',
  'warnings',
  'rawPayload',
  'createdAt',
  'traceparent',
] as const satisfies readonly (keyof IncomingLead)[];

const COLUMNS = [
  'id',
  'clientId',
  'name',
  'email',
  'phone',
  'phoneValid',
  'source',
  'leadReferenceId',
  'productId',
  'consent',
  'status',
  'apiKeyId',
  'warnings',
  'rawPayload',
  'idempotencyKey',
  'fingerprint',
  'createdAt',
  'traceparent',
] as const satisfies readonly (keyof IncomingLead)[];

const isPlain = (lead: IncomingLead): boolean =>
  lead.idempotencyKey === null && lead.leadReferenceId === null;

const columnsOf = (leads: readonly IncomingLead[], columns: readonly (keyof IncomingLead)[]) =>
  columns.map((column) => leads.map((lead) => lead[column]));

const insertedRow = z.object({ id: z.string() });

/** Inserts a batch under the ingest role; one result a lead, in their order. */
export async function insertLeads(pool: Pool, leads: readonly IncomingLead[]): Promise<Inserted[]> {
  if (leads.every(isPlain)) {
    const values = columnsOf(leads, PLAIN_COLUMNS);
    await pool.query({ name: 'insert-plain-leads', text: INSERT_PLAIN_LEADS, values });
    return leads.map(() => 'stored');
  }
  const values = columnsOf(leads, COLUMNS);
  const { rows } = await pool.query({ name: 'insert-leads', text: INSERT_LEADS, values });
  const stored = new Set(rows.map((row) => insertedRow.parse(row).id));
  return leads.map(({ id }) => (stored.has(id) ? 'stored' : 'duplicate'));
}

/**
 * As insertLeads. A lone lead that the database refuses for what it holds is not lost: without its
 * product when that was just taken from the client, with its payload as text when jsonb cannot hold
 * it; once more unchanged when it only met another in a deadlock.
 */
export async function insertLeadsSafely(
  pool: Pool,
  leads: readonly IncomingLead[],
): Promise<Inserted[]> {
  try {
    return await insertLeads(pool, leads);
  } catch (error) {
    const [lead] = leads;
    if (leads.length !== 1 || lead === undefined || !isRowError(error)) throw error;
    return insertLeads(pool, [storableAfter(sqlState(error), lead)]);
  }
}

function storableAfter(state: string | undefined, lead: IncomingLead): IncomingLead {
  if (state === FOREIGN_KEY_VIOLATION) {
    const warnings: unknown = JSON.parse(lead.warnings ?? '[]');
    const all = [...(Array.isArray(warnings) ? warnings : []), PRODUCT_NOT_OFFERED];
    return { ...lead, productId: null, warnings: JSON.stringify(all) };
  }
  if (state === DEADLOCK) return lead;
  const consent = lead.consent === null ? null : JSON.stringify(safeText(lead.consent));
  return { ...lead, consent, rawPayload: wrapUnstorable(lead.rawPayload) };
}
