import type { Pool } from 'pg';
import { DEADLOCK, FOREIGN_KEY_VIOLATION, isRowError, sqlState } from '../../../lib/db/errors.ts';
import { onPool } from '../../../lib/db/statement.ts';
import { wrapUnstorable } from '../../../lib/db/storable.ts';
import { withoutProduct, type LeadDraft } from '../writing/draft.ts';
import { insertLeads } from '../writing/insert.ts';

/** `stored`: a row of its own. `duplicate`: an earlier lead has its key or its reference. */
export type Inserted = 'stored' | 'duplicate';

/** Inserts a batch under the ingest role; one result a lead, in their order. */
export async function storeLeads(pool: Pool, leads: readonly LeadDraft[]): Promise<Inserted[]> {
  const stored = await insertLeads(onPool(pool), leads);
  return leads.map(({ id }) => (stored.has(id) ? 'stored' : 'duplicate'));
}

/**
 * As storeLeads. A lone lead that the database refuses for what it holds is not lost: without its
 * product when that was just taken from the client, with its payload as text when jsonb cannot hold
 * it; once more unchanged when it only met another in a deadlock.
 */
export async function storeLeadsSafely(
  pool: Pool,
  leads: readonly LeadDraft[],
): Promise<Inserted[]> {
  try {
    return await storeLeads(pool, leads);
  } catch (error) {
    const [lead] = leads;
    if (leads.length !== 1 || lead === undefined || !isRowError(error)) throw error;
    return storeLeads(pool, [storableAfter(sqlState(error), lead)]);
  }
}

function storableAfter(state: string | undefined, lead: LeadDraft): LeadDraft {
  if (state === FOREIGN_KEY_VIOLATION) return withoutProduct(lead);
  if (state === DEADLOCK) return lead;
  const consent = lead.consent === null ? null : JSON.stringify(lead.consent);
  return { ...lead, consent, raw_payload: wrapUnstorable(lead.raw_payload) };
}
