import type { Clock } from '../../lib/core/clock.ts';
import { statusBody, webhookText } from '../meta/webhook-bodies.ts';
import type { BehaviourStore, MessageStatus } from '../meta/webhook-behaviour.ts';
import type { WebhookSender } from '../meta/webhook-sender.ts';
import type { AcceptedMessage } from './outbox.ts';
import type { PhoneNumber } from './phone-numbers.ts';

/** Time between two statuses of one message. */
const STEP_MS = 40;

export interface StatusDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly sender: WebhookSender;
  readonly behaviour: BehaviourStore;
}

/** Sends the status webhooks of an accepted message, mistreated as a control call may have asked. */
export function announceStatuses(
  message: AcceptedMessage,
  from: PhoneNumber,
  deps: StatusDeps,
): void {
  const { sequence, reorder, ...settings } = deps.behaviour.current().statuses;
  const statuses = reorder ? sequence.toReversed() : sequence;
  statuses.forEach((status, step) => {
    message.status = status;
    for (let copy = 0; copy < settings.copies; copy += 1) {
      if (deps.random() < settings.drop_rate) continue;
      const text = statusText(message, status, from, deps);
      const delayMs = settings.delay_ms + step * STEP_MS;
      deps.sender.send({ object: 'whatsapp_business_account', text, delayMs });
    }
  });
}

export function statusText(
  message: AcceptedMessage,
  status: MessageStatus,
  from: PhoneNumber,
  deps: Pick<StatusDeps, 'clock' | 'behaviour'>,
): string {
  const body = statusBody(
    {
      wabaId: from.waba_id,
      phoneNumberId: from.id,
      displayPhoneNumber: from.display_phone_number,
    },
    {
      messageId: message.id,
      status,
      waId: message.wa_id,
      callbackData: message.biz_opaque_callback_data,
      failure: deps.behaviour.current().statuses.failure,
    },
    Math.floor(deps.clock().getTime() / 1000),
  );
  return webhookText(body, false);
}
