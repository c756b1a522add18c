import { sentText } from '../../../../lib/db/payload.ts';

/** Words for no, as forms and people write them; compared in lower case, without blanks around. */
const NO: ReadonlySet<string> = new Set([
  'false',
  'no',
  '0',
  'off',
  'n',
  'f',
  'none',
  'never',
  'nein',
  'non',
  'nee',
  'nej',
  'não',
  'нет',
  'denied',
  'declined',
  'refused',
  'rejected',
  'revoked',
  'withdrawn',
  'unchecked',
  'opt_out',
  'opt-out',
  'opted_out',
  'opted-out',
  'opt out',
]);

/**
 * Whether a lead's consent, as JSON text, says no to being written to by WhatsApp. An object that answers
 * for `whatsapp` is taken at that word; otherwise a no anywhere within is one, and so is a box of Meta's
 * that was left unchecked: whoever is in doubt is not written to. Nothing said is no refusal.
 */
export function saysNo(consent: string | null): boolean {
  if (consent === null) return false;
  const parsed: unknown = JSON.parse(sentText(consent));
  // Not recursive, so that no depth is too deep.
  const left: unknown[] = [parsed];
  for (let value = left.pop(); value !== undefined || left.length > 0; value = left.pop()) {
    if (isNo(value)) return true;
    if (Array.isArray(value)) pushAll(left, value);
    else if (typeof value === 'object' && value !== null) {
      if (isUnchecked(value)) return true;
      pushAll(left, 'whatsapp' in value ? [value.whatsapp] : Object.values(value));
    }
  }
  return false;
}

/** One by one: as arguments of one call, a hundred thousand would be too many. */
function pushAll(to: unknown[], values: readonly unknown[]): void {
  for (const value of values) to.push(value);
}

function isNo(value: unknown): boolean {
  if (typeof value === 'string') return NO.has(value.trim().toLowerCase());
  return value === false || value === 0;
}

/** As Meta has it: `{checkbox_key, is_checked: "1" | ""}`. */
function isUnchecked(value: object): boolean {
  return 'is_checked' in value && (value.is_checked === '' || value.is_checked === null);
}
