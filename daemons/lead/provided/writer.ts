import type { ClientId } from '../../../lib/core/ids.ts';
import { isRowError } from '../../../lib/db/errors.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { eventsAreBy } from '../../../lib/events/actor.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import { createLeadCounter } from '../counter.ts';
import { defaultCountry } from '../store.ts';
import { draftLead, type LeadDraft } from '../writing/draft.ts';
import { insertLeads } from '../writing/insert.ts';
import { CONTACT_MAX } from '../writing/limits.ts';
import { findByReference, lockReferences } from './store.ts';
import type { LeadWriter, LeadWriterDeps, ProvidedLead, WrittenLead } from './provided.ts';

/** Writes leads that providers tell of. */
export function createLeadWriter(deps: LeadWriterDeps): LeadWriter {
  const { database } = deps;
  const count = deps.metrics && createLeadCounter(deps.metrics);

  const writeTogether: LeadWriter['write'] = (clientId, sources, leads) =>
    database.inTransaction(clientScope(clientId), async (unit) => {
      const references = leads.map(({ referenceId }) => referenceId);
      await eventsAreBy(unit, { kind: 'meta' });
      await lockReferences(unit, references);
      const before = await findByReference(unit, sources, references);
      const news = leads.filter(({ referenceId }) => !before.has(referenceId));
      const country = news.length === 0 ? null : await defaultCountry(unit);
      const at = deps.clock();
      const drafts = news.map((lead) => toDraft(clientId, lead, country, at));
      const stored = await insertLeads(inUnit(unit), drafts);
      const created = new Map(
        news.flatMap(({ referenceId }, index) => {
          const id = drafts[index]?.id;
          return id !== undefined && stored.has(id) ? [[referenceId, id] as const] : [];
        }),
      );
      const after = new Map([...before, ...created]);
      // Somebody else's commit came in between: what is theirs can be seen now.
      if (references.some((reference) => !after.has(reference))) {
        for (const [reference, id] of await findByReference(unit, sources, references)) {
          after.set(reference, id);
        }
      }
      return leads.map(({ referenceId }): WrittenLead => {
        const leadId = after.get(referenceId);
        if (leadId === undefined) throw new Error('a written lead is not there');
        return { kind: created.get(referenceId) === leadId ? 'created' : 'existing', leadId };
      });
    });

  const write: LeadWriter['write'] = async (clientId, sources, leads) => {
    if (leads.length === 0) return [];
    try {
      return await writeTogether(clientId, sources, leads);
    } catch (error) {
      if (!isRowError(error)) throw error;
      if (leads.length === 1) return [refused()];
      const results: WrittenLead[] = [];
      for (const lead of leads) results.push(...(await write(clientId, sources, [lead])));
      return results;
    }
  };

  return {
    find: (clientId, sources, references) =>
      database.inTransaction(clientScope(clientId), (unit) =>
        findByReference(unit, sources, references),
      ),
    async write(clientId, sources, leads) {
      const results = await write(clientId, sources, leads);
      results.forEach(({ kind }, index) => count?.(leads[index]?.source, COUNTED[kind]));
      if (results.some(({ kind }) => kind === 'created')) deps.announce('leadctl_events');
      return results;
    },
  };
}

const COUNTED = { created: 'stored', existing: 'duplicate', refused: 'refused' } as const;

function refused(): WrittenLead {
  return {
    kind: 'refused',
    code: 'unstorable',
    message: 'The database does not take this lead; its raw event is kept.',
  };
}

/** What a provider has accepted is never refused for its form: what does not fit is cut, and said. */
function toDraft(
  clientId: ClientId,
  lead: ProvidedLead,
  defaultCountry: string | null,
  at: Date,
): LeadDraft {
  const warnings: string[] = [];
  const cut = (field: string, value: string | null): string | null => {
    const text = value?.trim() ?? '';
    if (text.length > CONTACT_MAX) warnings.push(`${field} was cut to ${CONTACT_MAX} characters`);
    return text === '' ? null : text.slice(0, CONTACT_MAX);
  };
  const contact = {
    name: cut('name', lead.name),
    email: cut('email', lead.email),
    phone: cut('phone', lead.phone),
  };
  if ((contact.name ?? contact.email ?? contact.phone) === null) {
    warnings.push('the form asked for no name, e-mail or phone');
  }
  return draftLead({
    ...contact,
    client_id: clientId,
    source: lead.source,
    lead_reference_id: lead.referenceId,
    consent: lead.consent == null ? null : JSON.stringify(lead.consent),
    payload: { text: JSON.stringify(lead.rawPayload ?? null) },
    warnings,
    traceparent: lead.traceparent ?? null,
    created_at: at,
    defaultCountry,
  });
}
