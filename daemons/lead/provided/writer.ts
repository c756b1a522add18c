import { newId } from '../../../lib/core/ids.ts';
import { isRowError } from '../../../lib/db/errors.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { eventsAreBy } from '../../../lib/events/actor.ts';
import { safeText } from '../../../lib/db/storable.ts';
import type {
  LeadWriter,
  LeadWriterDeps,
  ProvidedLead,
  WrittenLead,
} from '../../../lib/leads/provided.ts';
import { storePayload } from '../../../lib/leads/payload.ts';
import { defaultCountry } from '../store.ts';
import { normaliseEmail, normalisePhone } from '../writing/contact.ts';
import { CONTACT_MAX } from '../writing/limits.ts';
import { findByReference, insertNew, lockReferences, type LeadRecord } from './store.ts';

/** Writes leads that providers tell of. */
export function createLeadWriter(deps: LeadWriterDeps): LeadWriter {
  const { database } = deps;

  const writeTogether: LeadWriter['write'] = (clientId, sources, leads) =>
    database.inTransaction(clientScope(clientId), async (unit) => {
      const references = leads.map(({ referenceId }) => referenceId);
      await eventsAreBy(unit, { kind: 'meta' });
      await lockReferences(unit, references);
      const before = await findByReference(unit, sources, references);
      const news = leads.filter(({ referenceId }) => !before.has(referenceId));
      const country = news.length === 0 ? null : await defaultCountry(unit);
      const created = await insertNew(
        unit,
        news.map((lead) => toRecord(lead, country)),
        deps.clock(),
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
      if (results.some(({ kind }) => kind === 'created')) deps.announce('leadctl_events');
      return results;
    },
  };
}

function refused(): WrittenLead {
  return {
    kind: 'refused',
    code: 'unstorable',
    message: 'The database does not take this lead; its raw event is kept.',
  };
}

/** What a provider has accepted is never refused for its form: what does not fit is cut, and said. */
function toRecord(lead: ProvidedLead, country: string | null): LeadRecord {
  const warnings: string[] = [];
  const cut = (name: string, value: string | null): string | null => {
    const text = value === null ? '' : safeText(value).trim();
    if (text.length > CONTACT_MAX) warnings.push(`${name} was cut to ${CONTACT_MAX} characters`);
    return text === '' ? null : safeText(text.slice(0, CONTACT_MAX));
  };
  const name = cut('name', lead.name);
  const givenEmail = cut('email', lead.email);
  const email = givenEmail === null ? null : normaliseEmail(givenEmail);
  const phone = normalisePhone(cut('phone', lead.phone), country);
  if (name === null && email === null && phone.value === null) {
    warnings.push('the form asked for no name, e-mail or phone');
  }
  return {
    id: newId(),
    name,
    email,
    phone: phone.value,
    phone_valid: phone.isValid,
    source: lead.source,
    lead_reference_id: lead.referenceId,
    consent: storable(lead.consent),
    warnings: warnings.length === 0 ? null : warnings,
    raw_payload: storable(lead.rawPayload),
  };
}

function storable(value: unknown): unknown {
  const parsed: unknown = JSON.parse(storePayload(JSON.stringify(value ?? null)));
  return parsed;
}
