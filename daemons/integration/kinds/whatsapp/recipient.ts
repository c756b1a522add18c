import { saysNo } from './consent.ts';
import type { Recipient } from './transitions/begin-message.ts';

export interface Refusal {
  /** `failed`: somebody took the lead away; `skipped`: there is nobody who is to be written to. */
  readonly status: 'failed' | 'skipped';
  readonly code: string;
  readonly message: string;
}

const skip = (code: string, message: string): Refusal => ({ status: 'skipped', code, message });
const fail = (code: string, message: string): Refusal => ({ status: 'failed', code, message });

/** Why nothing may be sent to a lead at all, as far as its own fields say so. */
export function whyUnreachable(
  lead: Pick<Recipient, 'phone' | 'phone_valid' | 'status' | 'is_erased'>,
): Refusal | null {
  if (lead.is_erased) return fail('lead_erased', 'The lead was erased before it was sent.');
  if (lead.status === 'spam') {
    return fail('lead_spam', 'The lead was marked as spam before it was sent.');
  }
  if (lead.phone === null) {
    return skip('no_recipient', 'The lead has no phone, so there is nobody to write to.');
  }
  if (lead.phone_valid === false) {
    const message =
      'The lead’s phone is not a number that can be reached; it was kept as it was sent.';
    return skip('no_recipient', message);
  }
  return null;
}

/**
 * Why a message may not go out at this moment; what a person said goes before what we count. `wait`: the
 * number has its day's messages only if those under way arrive.
 */
export function whyNot(to: Recipient, mostADay: number): Refusal | 'wait' | null {
  const unreachable = whyUnreachable(to);
  if (unreachable !== null) return unreachable;
  if (saysNo(to.consent)) {
    return skip('no_consent', 'The lead’s consent says no, so nothing is sent to this person.');
  }
  if (to.is_suppressed) {
    return skip('suppressed', 'This number is suppressed: it is not to be written to.');
  }
  if (!to.is_within_limit && !to.is_settled) return 'wait';
  if (!to.is_within_limit) {
    const message = `This number was sent ${mostADay} messages of the client’s within 24 hours, and WHATSAPP_PER_RECIPIENT_PER_DAY allows no more. Retry the delivery later.`;
    return skip('recipient_limit', message);
  }
  return null;
}
