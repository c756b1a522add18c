import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { SentJson } from '../../../lib/contract/handler.ts';
import { idSchema } from '../../../lib/core/ids.ts';
import { memberText } from '../../../lib/core/json-parts.ts';
import { MOST_LEVELS } from '../../../lib/core/json-scan.ts';
import { digitsOf } from '../../../lib/core/lossless-json.ts';
import { safeText } from '../../../lib/db/storable.ts';
import { storePayload } from '../../../lib/leads/payload.ts';
import { sha256 } from '../../../lib/secrets/tokens.ts';
import { NEEDS_CONTACT, normaliseEmail, normalisePhone } from '../writing/contact.ts';
import { CONTACT_MAX, LABEL_MAX } from '../writing/limits.ts';

/** What a form sent, read by the known fields; the payload itself is kept whole beside it. */
export interface NormalisedLead {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** Null when no phone was given. */
  readonly phoneValid: boolean | null;
  readonly source: string;
  readonly leadReferenceId: string | null;
  readonly productId: string | null;
  readonly consent: string | null;
  readonly isSpam: boolean;
  /** JSON text, storable as jsonb; `readPayload` gives back what was sent. */
  readonly rawPayload: string;
  readonly warnings: readonly string[];
}

/**
 * Reads the known fields out of `fields`; `sent` is everything, to the letter. Only a lead without
 * any contact, or with a field of absurd length, is refused; all else is kept and, where doubtful, marked.
 */
export function normalise(
  fields: Readonly<Record<string, unknown>>,
  sent: SentJson,
  context: { defaultCountry: string | null },
): NormalisedLead | Failure {
  const name = textOf(fields['name']) ?? fullName(fields);
  const givenEmail = textOf(fields['email']);
  const email = givenEmail === null ? null : normaliseEmail(givenEmail);
  const givenPhone = textOf(fields['phone']);
  const source = textOf(fields['source']) ?? 'website';
  const leadReferenceId = textOf(fields['lead_reference_id']);
  if (name === null && email === null && givenPhone === null) {
    return fail(
      'validation_failed',
      'A lead needs a way to reach somebody: send name, email or phone.',
      {
        errors: [{ path: 'body', message: NEEDS_CONTACT }],
      },
    );
  }
  const tooLong =
    findTooLong({ name, email, phone: givenPhone }, CONTACT_MAX) ??
    findTooLong({ source, lead_reference_id: leadReferenceId }, LABEL_MAX);
  if (tooLong) return tooLong;
  const phone = normalisePhone(givenPhone, context.defaultCountry);
  const product = normaliseProduct(textOf(fields['product_id']));
  return {
    name,
    email,
    phone: phone.value,
    phoneValid: phone.isValid,
    source,
    leadReferenceId,
    productId: product.id,
    consent: consentOf(fields, sent),
    isSpam: textOf(fields['_gotcha']) !== null,
    rawPayload: storePayload(sent.text, sent.shape),
    warnings: [...sent.warnings, ...product.warnings],
  };
}

/** JSON text, storable as jsonb. Of what was cut to be read, the whole: a no may stand at any depth. */
function consentOf(fields: Readonly<Record<string, unknown>>, sent: SentJson): string | null {
  if (fields['consent'] === undefined) return null;
  const whole = sent.shape.depth > MOST_LEVELS ? memberText(sent.text, 'consent') : undefined;
  return storePayload(whole ?? JSON.stringify(fields['consent']));
}

/** A field as text: the first value that is not blank where it came several times. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') {
    const trimmed = safeText(value).trim();
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

function normaliseProduct(given: string | null): { id: string | null; warnings: string[] } {
  if (given === null) return { id: null, warnings: [] };
  const id = idSchema.safeParse(given);
  return id.success
    ? { id: id.data, warnings: [] }
    : { id: null, warnings: ['product_id is not an id; kept in raw_payload only'] };
}

/** Tells one body from another under the same idempotency key. */
export function fingerprintOf(text: string): Buffer {
  return sha256(text);
}
