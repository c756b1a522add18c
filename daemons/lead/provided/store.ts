import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { referenceDigest } from '../reference-digest.ts';

/**
 * Lets one transaction at a time deal with each of these references, whatever source brings it: the unique
 * index tells one source's references apart, not that two sources mean one lead. Taken in one order, so that
 * two writers do not wait for one another in a circle.
 */
export async function lockReferences(
  unit: ClientUnit,
  referenceIds: readonly string[],
): Promise<void> {
  await unit.run(
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
  const leads = await unit.rows(
    known,
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
  return new Map(leads.map((lead) => [lead.lead_reference_id, lead.id]));
}
