import { z } from 'zod';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import { eventsAreBy } from '../../../lib/events/actor.ts';
import { appendEvent } from '../../../lib/events/outbox.ts';
import type { LeadDraft } from '../writing/draft.ts';
import { present, type IngestResult } from './result.ts';

export interface DuplicateResolver {
  /** What to answer for a lead that was not stored because an earlier one has its key or reference. */
  resolve(lead: LeadDraft): Promise<IngestResult | Failure>;
}

/**
 * The answer is derived from what is stored, never from what was once said: a crash between storing
 * and answering changes nothing.
 */
export function createDuplicateResolver(deps: { database: Database }): DuplicateResolver {
  return {
    resolve(lead) {
      const scope = clientScope(clientIdSchema.parse(lead.client_id));
      return deps.database.inTransaction(scope, async (unit) => {
        const claim = await findClaim(unit, lead.idempotency_key);
        const isReplay = claim !== undefined && claim.lead_id !== lead.id;
        if (isReplay && lead.fingerprint?.equals(claim.fingerprint) !== true) {
          return fail(
            'idempotency_key_reused',
            'This Idempotency-Key was used with another body; use a new key for a new lead.',
          );
        }
        const first = isReplay ? await findLead(unit, claim.lead_id) : undefined;
        if (first) return { kind: 'replayed', lead: present(first) };
        const earlier = await findByReference(unit, lead);
        if (earlier === undefined) {
          throw new Error('a lead was refused as a duplicate, but there is no earlier one');
        }
        if (!isReplay) {
          if (lead.api_key_id !== null) {
            await eventsAreBy(unit, { kind: 'api_key', id: lead.api_key_id });
          }
          await appendEvent(unit, {
            leadId: earlier.id,
            kind: 'lead.duplicate',
            data: { source: lead.source, lead_reference_id: lead.lead_reference_id },
          });
        }
        return { kind: 'duplicate', lead: present(earlier), isReplay };
      });
    },
  };
}

const claimRow = z.object({ lead_id: z.string(), fingerprint: z.instanceof(Buffer) });
const leadRow = z.object({ id: z.string(), client_id: z.string(), created_at: z.date() });
type FoundLead = z.output<typeof leadRow>;

async function findClaim(
  unit: ClientUnit,
  key: string | null,
): Promise<z.output<typeof claimRow> | undefined> {
  if (key === null) return undefined;
  return unit.maybeOne(
    claimRow,
    'SELECT lead_id, fingerprint FROM idempotency_keys WHERE client_id = ? AND key = ?',
    [unit.scope.clientId, key],
  );
}

async function findLead(unit: ClientUnit, id: string): Promise<FoundLead | undefined> {
  return unit.maybeOne(
    leadRow,
    'SELECT id, client_id, created_at FROM leads WHERE client_id = ? AND id = ?',
    [unit.scope.clientId, id],
  );
}

async function findByReference(unit: ClientUnit, lead: LeadDraft): Promise<FoundLead | undefined> {
  return unit.maybeOne(
    leadRow,
    'SELECT id, client_id, created_at FROM leads WHERE client_id = ? AND source = ? AND lead_reference_id = ?',
    [unit.scope.clientId, lead.source, lead.lead_reference_id],
  );
}
