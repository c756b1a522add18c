import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { rowsOf } from '../../../lib/events/outbox.ts';
import { referenceDigest } from '../reference-digest.ts';

/** A lead on its way into the table; the names are the columns'. */
export interface LeadRecord {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly phone_valid: boolean | null;
  readonly source: string;
  readonly lead_reference_id: string;
  readonly consent: unknown;
  readonly warnings: readonly string[] | null;
  readonly raw_payload: unknown;
}

/**
 * Lets one transaction at a time deal with each of these references, whatever source brings it: the unique
 * index tells one source's references apart, not that two sources mean one lead. Taken in one order, so that
 * two writers do not wait for one another in a circle.
 */
export async function lockReferences(
  unit: ClientUnit,
  referenceIds: readonly string[],
): Promise<void> {
  await unit.trx.raw(
    `SELECT pg_advisory_xact_lock(key) FROM (
       SELECT DISTINCT hashtextextended('lead reference:' || ? || ':' || reference, 0) AS key
       FROM unnest(?::text[]) AS t(reference) ORDER BY key
     ) keys`,
    [unit.scope.clientId, [...referenceIds]],
  );
}

const known = z.object({ id: z.string(), lead_reference_id: z.string() });

/**
 * Lead ids by reference, of those references that one of `sources` has brought already; one that was
 * erased since is among them, so that it is not fetched back.
 */
export async function findByReference(
  unit: ClientUnit,
  sources: readonly string[],
  referenceIds: readonly string[],
): Promise<Map<string, string>> {
  const result: unknown = await unit.trx.raw(
    `SELECT id, lead_reference_id FROM leads
     WHERE client_id = :client AND source = ANY(CAST(:sources AS text[]))
       AND lead_reference_id = ANY(CAST(:references AS text[]))
     UNION ALL
     SELECT l.id, r.reference FROM unnest(CAST(:references AS text[]), CAST(:digests AS bytea[]))
       AS r (reference, digest)
     JOIN leads l ON l.client_id = :client AND l.erased_reference = r.digest`,
    {
      client: unit.scope.clientId,
      sources: [...sources],
      references: [...referenceIds],
      digests: referenceIds.map((reference) => referenceDigest(unit.scope.clientId, reference)),
    },
  );
  return mapOf(rowsOf(result));
}

/**
 * One statement for the leads that are new and an event for each. Inserting in the order of the
 * unique index keeps two writers from waiting for one another in a circle; whose reference another
 * transaction has just taken is not among the ids returned.
 */
export async function insertNew(
  unit: ClientUnit,
  leads: readonly LeadRecord[],
  at: Date,
): Promise<Map<string, string>> {
  const result: unknown = await unit.trx.raw(
    `WITH fresh AS (
       INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, lead_reference_id,
         consent, warnings, raw_payload, created_at, updated_at)
       SELECT id, :client, name, email, phone, phone_valid, source, lead_reference_id, consent,
         warnings, raw_payload, :at, :at
       FROM jsonb_to_recordset(CAST(:leads AS jsonb)) AS t(id uuid, name text, email text, phone text,
         phone_valid boolean, source text, lead_reference_id text, consent jsonb, warnings jsonb,
         raw_payload jsonb)
       ORDER BY source, lead_reference_id
       ON CONFLICT DO NOTHING
       RETURNING id, lead_reference_id
     ), announced AS (
       INSERT INTO events (client_id, lead_id, kind) SELECT :client, id, 'lead.created' FROM fresh
     )
     SELECT id, lead_reference_id FROM fresh`,
    { client: unit.scope.clientId, at, leads: JSON.stringify(leads) },
  );
  return mapOf(rowsOf(result));
}

function mapOf(rows: readonly unknown[]): Map<string, string> {
  return new Map(
    rows.map((row) => {
      const lead = known.parse(row);
      return [lead.lead_reference_id, lead.id];
    }),
  );
}
