import { keptWordSchema } from '../receive/words.ts';
import type { WebhookProcessorDeps } from './deps.ts';
import type { ClaimedEvent, Outcome } from './queue.ts';
import { processStatus } from './status.ts';

/** Hands on what WhatsApp told: a person's word, or a message's status. */
export async function processWhatsApp(
  deps: Pick<WebhookProcessorDeps, 'applyWhatsAppStatus' | 'applyWhatsAppWord'>,
  event: ClaimedEvent,
): Promise<Outcome> {
  const word = keptWordSchema.safeParse(event.value);
  if (!word.success) return processStatus(deps.applyWhatsAppStatus, event);
  const { message_id: messageId, phone_number_id: phoneNumberId, at, ...said } = word.data;
  const applied = await deps.applyWhatsAppWord({
    ...said,
    messageId,
    phoneNumberId,
    at: new Date(at * 1000),
  });
  if (applied !== 'unknown') return { to: 'processed', clientId: null, leadId: null };
  const message = 'The message came to a number that no client of ours has.';
  return { to: 'ignored', reason: { code: 'no_such_number', message } };
}
