import { z } from 'zod';
import { incomingKey, MESSAGES_OBJECT } from '../../../lib/providers/meta/message-status.ts';
import { optWordOf } from '../../../lib/providers/meta/opt-out.ts';
import { providerId, toStorable, type Change, type IncomingEvent } from './event.ts';

/** What is kept of a message that is such a word alone; of any other nothing is. */
export const keptWordSchema = z.object({
  message_id: z.string(),
  phone_number_id: z.string(),
  /** E.164. */
  from: z.string(),
  word: z.enum(['stop', 'start']),
  /** Unix seconds. */
  at: z.number(),
});

const text = z.string().max(4_096);

/** Typed, or chosen: a button's or a list's title counts as if it had been typed. */
const messageSchema = z.object({
  id: z.string().min(1).max(200),
  from: z
    .union([z.string(), z.int()])
    .transform((given) => String(given).replaceAll(/\D/g, ''))
    .pipe(z.string().regex(/^\d{6,15}$/)),
  timestamp: z.coerce.number().int().nonnegative(),
  text: z.object({ body: text }).optional().catch(undefined),
  button: z.object({ text }).optional().catch(undefined),
  interactive: z
    .object({
      button_reply: z.object({ title: text }).optional(),
      list_reply: z.object({ title: text }).optional(),
    })
    .optional()
    .catch(undefined),
});

const valueSchema = z.object({
  metadata: z.object({ phone_number_id: z.unknown() }),
  messages: z.array(z.unknown()),
});

/** `messages` of a WhatsApp account, as far as people say that they want messages, or none. */
export function readWords(change: Change): readonly IncomingEvent[] {
  if (change.object !== MESSAGES_OBJECT || change.field !== 'messages') return [];
  const value = valueSchema.safeParse(change.value);
  const phoneNumberId = providerId(value.data?.metadata.phone_number_id);
  if (!value.success || phoneNumberId === null) return [];
  return value.data.messages.flatMap((given) => {
    const message = messageSchema.safeParse(given).data;
    const word = message && optWordOf(wordsOf(message));
    if (message === undefined || word === undefined || providerId(message.id) === null) return [];
    const kept: z.input<typeof keptWordSchema> = {
      message_id: message.id,
      phone_number_id: phoneNumberId,
      from: `+${message.from}`,
      word,
      at: message.timestamp,
    };
    return [
      {
        object: change.object,
        field: change.field,
        dedupeKey: incomingKey(message.id),
        pageId: null,
        formId: null,
        leadgenId: null,
        value: toStorable(kept),
        ignored: null,
      },
    ];
  });
}

function wordsOf({ text: typed, button, interactive }: z.output<typeof messageSchema>): string {
  const chosen = interactive?.button_reply ?? interactive?.list_reply;
  return typed?.body ?? button?.text ?? chosen?.title ?? '';
}
