import { idSchema } from '../../../lib/core/ids.ts';
import type { ApplyWhatsAppStatus } from '../../../lib/providers/meta/message-status.ts';
import { keptStatusSchema } from '../receive/statuses.ts';
import type { ClaimedEvent, Outcome } from './queue.ts';

/** Hands a message's status on to its delivery. */
export async function processStatus(
  apply: ApplyWhatsAppStatus,
  event: ClaimedEvent,
): Promise<Outcome> {
  const kept = keptStatusSchema.safeParse(event.value);
  if (!kept.success) return ignored('unreadable', 'The kept status cannot be read any more.');
  const { message_id: messageId, status, at, callback_data: callbackData, error } = kept.data;
  const result = await apply({
    deliveryId: idSchema.safeParse(callbackData).data ?? null,
    messageId,
    status,
    at: new Date(at * 1000),
    error,
  });
  return result === 'unknown'
    ? ignored('no_such_delivery', 'No delivery of ours sent this message.')
    : { to: 'processed', clientId: null, leadId: null };
}

function ignored(code: string, message: string): Outcome {
  return { to: 'ignored', reason: { code, message } };
}
