import type { Clock } from '../../../lib/core/clock.ts';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import { isRowError } from '../../../lib/db/errors.ts';
import type { Channel } from '../../../lib/db/notifications.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { safeText, storableJson } from '../../../lib/db/storable.ts';
import { normalisePhone } from '../ingest/normalise.ts';
import { defaultCountry } from '../store.ts';
import { findByReference, insertNew, type LeadRecord } from './store.ts';

/** A lead as a provider told it, read by the known fields. */
export interface ProvidedLead {
  readonly source: string;
  /** The provider's id of it: makes it one lead, however often it is written. */
  readonly referenceId: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** As JSON; null when the provider tells nothing of it. */
  readonly consent: unknown;
  /** Everything that the provider told, as JSON. */
  readonly rawPayload: unknown;
}

export type WrittenLead =
  | { readonly kind: 'created' | 'existing'; readonly leadId: string }
  /** The database does not take it; `message` says why without showing it. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface LeadWriter {
  /** Lead ids by reference, of those references that the client has from one of `sources`. */
  find(
    clientId: ClientId,
    sources: readonly string[],
    referenceIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Stores leads with their events, each once: a reference that one of `sources` has brought already
   * is that lead. One result a lead, in their order; a refused one does not hurt its neighbours.
   */
  write(
    clientId: ClientId,
    sources: readonly string[],
    leads: readonly ProvidedLead[],
  ): Promise<WrittenLead[]>;
}

const CONTACT_MAX = 1_000;

/** Writes leads that providers tell of; `database` may work as the worker or as the application. */
export function createLeadWriter(deps: {
  database: Database;
  clock: Clock;
  announce: (channel: Channel) => void;
}): LeadWriter {
  const { database } = deps;

  const writeTogether: LeadWriter['write'] = (clientId, sources, leads) =>
    database.inTransaction(clientScope(clientId), async (unit) => {
      const references = leads.map(({ referenceId }) => referenceId);
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
  const email = cut('email', lead.email)?.toLowerCase() ?? null;
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
  const parsed: unknown = JSON.parse(storableJson(JSON.stringify(value ?? null)));
  return parsed;
}
