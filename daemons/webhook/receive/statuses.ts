import { z } from 'zod';
import { maskText } from '../../../lib/providers/mask.ts';
import {
  MESSAGES_OBJECT,
  statusKey,
  WHATSAPP_STATUSES,
} from '../../../lib/providers/meta/message-status.ts';
import { ignoredChange, providerId, toStorable, type Change, type IncomingEvent } from './event.ts';

/** What is kept of a status: not the recipient's number, which nothing here needs. */
export const keptStatusSchema = z.object({
  message_id: z.string(),
  status: z.enum(WHATSAPP_STATUSES),
  /** Unix seconds. */
  at: z.number(),
  callback_data: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

const errorSchema = z.object({
  code: z.union([z.number(), z.string()]).transform(String),
  title: z.string().catch(''),
  message: z.string().catch(''),
  error_data: z
    .object({ details: z.string().catch('') })
    .optional()
    .catch(undefined),
});

const statusSchema = z.object({
  id: z.string().min(1).max(200),
  status: z.enum(WHATSAPP_STATUSES),
  timestamp: z.coerce.number().int().nonnegative(),
  biz_opaque_callback_data: z.string().max(512).nullish(),
  errors: z.array(errorSchema).catch([]),
});

const valueSchema = z.object({ statuses: z.array(z.unknown()) });

/** `messages` of a WhatsApp account, as far as it tells what became of messages of ours. */
export function readStatuses(change: Change): readonly IncomingEvent[] | undefined {
  if (change.object !== MESSAGES_OBJECT || change.field !== 'messages') return undefined;
  const value = valueSchema.safeParse(change.value);
  return value.data?.statuses.map((status) => readStatus(change, status));
}

function readStatus(change: Change, given: unknown): IncomingEvent {
  const parsed = statusSchema.safeParse(given);
  if (!parsed.success || providerId(parsed.data.id) === null) {
    return ignoredChange(
      { ...change, value: given },
      'unknown_status',
      'A message status of another form than the documented one.',
    );
  }
  const { id, status, timestamp, biz_opaque_callback_data: callbackData, errors } = parsed.data;
  const kept: z.input<typeof keptStatusSchema> = {
    message_id: id,
    status,
    at: timestamp,
    callback_data: callbackData ?? null,
    error: errorOf(errors[0]),
  };
  return {
    object: change.object,
    field: change.field,
    dedupeKey: statusKey(id, status),
    pageId: null,
    formId: null,
    leadgenId: null,
    value: toStorable(kept),
    ignored: null,
  };
}

function errorOf(error: z.output<typeof errorSchema> | undefined) {
  if (error === undefined) return null;
  const texts = [error.message || error.title, error.error_data?.details ?? ''];
  return { code: error.code, message: maskText(texts.filter((text) => text !== '').join(' – ')) };
}
