import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { SentJson } from '../../../lib/contract/handler.ts';
import { idSchema } from '../../../lib/core/ids.ts';
import { memberText } from '../../../lib/core/json-parts.ts';
import { MOST_LEVELS } from '../../../lib/core/json-scan.ts';
import { digitsOf } from '../../../lib/core/lossless-json.ts';
import { refuseUnreachable } from '../writing/contact.ts';
import { draftLead, type GivenLead, type LeadDraft } from '../writing/draft.ts';
import { CONTACT_MAX, LABEL_MAX } from '../writing/limits.ts';

/** Of the key by which a lead came, and of the request. */
export type Circumstances = Pick<
  GivenLead,
  | 'client_id'
  | 'api_key_id'
  | 'created_at'
  | 'traceparent'
  | 'idempotency_key'
  | 'fingerprint'
  | 'defaultCountry'
>;

/**
 * Reads the known fields out of `fields`; `sent` is everything, to the letter. Only a lead without
 * any contact, or with a field of absurd length, is refused; all else is kept and, where doubtful, marked.
 */
export function readForm(
  fields: Readonly<Record<string, unknown>>,
  sent: SentJson,
  circumstances: Circumstances,
): LeadDraft | Failure {
  const name = textOf(fields['name']) ?? fullName(fields);
  const email = textOf(fields['email']);
  const phone = textOf(fields['phone']);
  const source = textOf(fields['source']) ?? 'website';
  const reference = textOf(fields['lead_reference_id']);
  if ((name ?? email ?? phone) === null) return refuseUnreachable();
  const tooLong =
    findTooLong({ name, email, phone }, CONTACT_MAX) ??
    findTooLong({ source, lead_reference_id: reference }, LABEL_MAX);
  if (tooLong) return tooLong;
  const product = readProduct(textOf(fields['product_id']));
  return draftLead({
    ...circumstances,
    name,
    email,
    phone,
    source,
    lead_reference_id: reference,
    product_id: product.id,
    consent: consentOf(fields, sent),
    status: textOf(fields['_gotcha']) === null ? 'new' : 'spam',
    payload: sent,
    warnings: [...sent.warnings, ...product.warnings],
  });
}

/** JSON text. Of what was cut to be read, the whole: a no may stand at any depth. */
function consentOf(fields: Readonly<Record<string, unknown>>, sent: SentJson): string | null {
  if (fields['consent'] === undefined) return null;
  const whole = sent.shape.depth > MOST_LEVELS ? memberText(sent.text, 'consent') : undefined;
  return whole ?? JSON.stringify(fields['consent']);
}

/** A field as text: the first value that is not blank where it came several times. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') {
    const trimmed = value.trim();
    return trimmed === '' ? null : trimmed;
  }
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const digits = digitsOf(value);
  if (digits !== undefined) return digits;
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = Array.isArray(item) ? null : textOf(item);
      if (found !== null) return found;
    }
  }
  return null;
}

function fullName(fields: Readonly<Record<string, unknown>>): string | null {
  const parts = [textOf(fields['first_name']), textOf(fields['last_name'])];
  const name = parts.filter((part) => part !== null).join(' ');
  return name === '' ? null : name;
}

function findTooLong(
  values: Readonly<Record<string, string | null>>,
  max: number,
): Failure | undefined {
  for (const [field, value] of Object.entries(values)) {
    if (value !== null && value.length > max) {
      return fail(
        'validation_failed',
        `${field} has ${value.length} characters; at most ${max} fit.`,
        {
          errors: [{ path: `body.${field}`, message: `at most ${max} characters` }],
        },
      );
    }
  }
  return undefined;
}

function readProduct(given: string | null): { id: string | null; warnings: string[] } {
  if (given === null) return { id: null, warnings: [] };
  const id = idSchema.safeParse(given);
  return id.success
    ? { id: id.data, warnings: [] }
    : { id: null, warnings: ['product_id is not an id; kept in raw_payload only'] };
}
