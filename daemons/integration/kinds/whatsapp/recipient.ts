import { textIn } from '../kind.ts';
import type { ClaimedDelivery } from '../../sending/model.ts';
import type { LaneRun } from '../../sending/run.ts';
import type { Recipient } from '../../sending/transitions/begin-message.ts';
import { saysNo } from './consent.ts';

export interface Refusal {
  /** `failed`: somebody took the lead away; `skipped`: there is nobody who is to be written to. */
  readonly status: 'failed' | 'skipped';
  readonly code: string;
  readonly message: string;
}

const skip = (code: string, message: string): Refusal => ({ status: 'skipped', code, message });
const fail = (code: string, message: string): Refusal => ({ status: 'failed', code, message });

/** `lead`, `assignee`, or one number; the settings may be incomplete. */
export function recipientIn({ settings }: Pick<ClaimedDelivery, 'settings'>): string {
  return textIn(settings, 'recipient') ?? 'lead';
}

/** Why nothing may be sent at all, as far as the lead's own fields say so. */
export function whyUnreachable(
  lead: Pick<Recipient, 'phone' | 'phone_valid' | 'status' | 'is_erased'>,
  recipient: string,
): Refusal | null {
  if (lead.is_erased) return fail('lead_erased', 'The lead was erased before it was sent.');
  if (lead.status === 'spam') {
    return fail('lead_spam', 'The lead was marked as spam before it was sent.');
  }
  if (recipient !== 'lead') return null;
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

export type Addressee =
  | { readonly refusal: Refusal }
  | {
      readonly refusal: null;
      readonly to: string;
      /** One of the client's own people, of whom the lead's row knows nothing. */
      readonly own: string | null;
    };

/** Whose number the message is for. */
export async function addresseeOf(
  run: LaneRun,
  { lead }: ClaimedDelivery,
  recipient: string,
): Promise<Addressee> {
  if (recipient === 'lead') return { refusal: null, to: lead.phone ?? '', own: null };
  if (recipient !== 'assignee') return { refusal: null, to: recipient, own: recipient };
  const { assignee } = await run.people(lead.id);
  if (assignee === null) {
    const message = 'Nobody works on this lead, so there is nobody to write to. Assign it.';
    return { refusal: skip('no_recipient', message) };
  }
  if (assignee.phone === null) {
    const message = `${assignee.email} has no phone. Set it with "leadctl user set ${assignee.email} --phone +…", then retry the delivery.`;
    return { refusal: skip('no_recipient', message) };
  }
  return { refusal: null, to: assignee.phone, own: assignee.phone };
}

/**
 * Why a message may not go out at this moment; what a person said goes before what we count. `wait`: the
 * number has its day's messages only if those under way arrive.
 */
export function whyNot(
  to: Recipient,
  mostADay: number,
  recipient: string,
): Refusal | 'wait' | null {
  const unreachable = whyUnreachable(to, recipient);
  if (unreachable !== null) return unreachable;
  if (recipient === 'lead' && saysNo(to.consent)) {
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
