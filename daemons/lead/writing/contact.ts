import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { fail, type Failure } from '../../../lib/core/errors.ts';

/**
 * How a lead's known fields are kept, whoever writes it: a form, a provider, or a person. What to do
 * with one that does not fit differs: a form's is refused, a provider's cut, a person's a 422.
 */

export const NEEDS_CONTACT = 'one of name, email, phone is required';

export function refuseUnreachable(): Failure {
  return fail(
    'validation_failed',
    'A lead needs a way to reach somebody: send name, email or phone.',
    { errors: [{ path: 'body', message: NEEDS_CONTACT }] },
  );
}

/** Addresses are compared and searched without regard to case, so they are kept in one. */
export function normaliseEmail(given: string): string {
  return given.trim().toLowerCase();
}

export interface NormalisedPhone {
  readonly value: string | null;
  /** Null when no phone was given. */
  readonly isValid: boolean | null;
}

/** E.164 where it can be parsed; else as sent, marked: a bad phone never loses a lead. */
export function normalisePhone(
  given: string | null,
  defaultCountry: string | null,
): NormalisedPhone {
  if (given === null) return { value: null, isValid: null };
  const country =
    defaultCountry !== null && isSupportedCountry(defaultCountry) ? defaultCountry : undefined;
  const parsed = parsePhoneNumberFromString(given, country);
  return parsed?.isValid()
    ? { value: parsed.number, isValid: true }
    : { value: given, isValid: false };
}
