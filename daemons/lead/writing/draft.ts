import { newId } from '../../../lib/core/ids.ts';
import type { JsonShape } from '../../../lib/core/json-scan.ts';
import { storePayload } from '../../../lib/db/payload.ts';
import { safeText } from '../../../lib/db/storable.ts';
import { normaliseEmail, normalisePhone } from './contact.ts';

/**
 * A lead on its way into the table, whoever writes it: a form, a provider, or a person. The names and the
 * forms are the columns'; what is JSON is text.
 */
export interface LeadDraft {
  readonly id: string;
  readonly client_id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** Null when no phone was given. */
  readonly phone_valid: boolean | null;
  readonly source: string;
  readonly lead_reference_id: string | null;
  readonly product_id: string | null;
  readonly consent: string | null;
  readonly status: 'new' | 'spam';
  readonly assigned_to_user_client_id: string | null;
  readonly api_key_id: string | null;
  readonly warnings: string | null;
  readonly raw_payload: string;
  readonly created_at: Date;
  /** Of the trace in which it came, for what is done with it later. */
  readonly traceparent: string | null;
  /** Digests of the key under which it was sent, and of what was sent under it. */
  readonly idempotency_key: string | null;
  readonly fingerprint: Buffer | null;
}

type Normalised = 'id' | 'phone_valid' | 'warnings' | 'consent' | 'raw_payload';
type Given = 'client_id' | 'name' | 'email' | 'phone' | 'source' | 'created_at';

/** A lead's fields as they were given, none longer than it may be; what is left out is null. */
export type GivenLead = Pick<LeadDraft, Given> &
  Partial<Omit<LeadDraft, Given | Normalised>> & {
    readonly warnings?: readonly string[];
    /** JSON text. */
    readonly consent?: string | null;
    /** All that was sent, as JSON text, with what a scan of it has found. */
    readonly payload: { readonly text: string; readonly shape?: JsonShape };
    /** Whose numbers a phone without prefix is taken for. */
    readonly defaultCountry: string | null;
  };

/** Brings a lead into the form in which it is kept. */
export function draftLead(given: GivenLead): LeadDraft {
  const phone = normalisePhone(safe(given.phone), given.defaultCountry);
  const email = safe(given.email);
  return {
    id: newId(),
    client_id: given.client_id,
    name: safe(given.name),
    email: email === null ? null : normaliseEmail(email),
    phone: phone.value,
    phone_valid: phone.isValid,
    source: safeText(given.source),
    lead_reference_id: safe(given.lead_reference_id ?? null),
    product_id: given.product_id ?? null,
    consent: given.consent == null ? null : storePayload(given.consent),
    status: given.status ?? 'new',
    assigned_to_user_client_id: given.assigned_to_user_client_id ?? null,
    api_key_id: given.api_key_id ?? null,
    warnings: given.warnings?.length ? JSON.stringify(given.warnings) : null,
    raw_payload: storePayload(given.payload.text, given.payload.shape),
    created_at: given.created_at,
    traceparent: given.traceparent ?? null,
    idempotency_key: given.idempotency_key ?? null,
    fingerprint: given.fingerprint ?? null,
  };
}

/** The draft, with one more thing to be said of it. */
export function warned(draft: LeadDraft, warning: string): LeadDraft {
  const before: unknown = JSON.parse(draft.warnings ?? '[]');
  const all = [...(Array.isArray(before) ? before : []), warning];
  return { ...draft, warnings: JSON.stringify(all) };
}

/** The draft without a product that its client does not offer; the payload keeps what was sent. */
export function withoutProduct(draft: LeadDraft): LeadDraft {
  return { ...warned(draft, PRODUCT_NOT_OFFERED), product_id: null };
}

const PRODUCT_NOT_OFFERED = 'product_id is not enabled for this client; kept in raw_payload only';

function safe(text: string | null): string | null {
  return text === null ? null : safeText(text);
}
