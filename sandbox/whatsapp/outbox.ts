import { createBoundedList } from '../bounded.ts';
import type { MessageStatus } from '../meta/webhook-behaviour.ts';
import type { TemplateMessage } from './message.ts';

/** A message that WhatsApp accepted. */
export interface AcceptedMessage {
  readonly id: string;
  readonly phone_number_id: string;
  /** As the sender wrote it. */
  readonly to: string;
  /** As WhatsApp understood it. */
  readonly wa_id: string;
  readonly type: string;
  readonly template: TemplateMessage | undefined;
  /** What the recipient reads. */
  readonly text: string;
  readonly biz_opaque_callback_data: string | undefined;
  readonly at: string;
  /** The last status that a webhook was sent for. */
  status: 'accepted' | MessageStatus;
}

export interface MessageOutbox {
  add(message: AcceptedMessage): void;
  all(): readonly AcceptedMessage[];
  clear(): void;
}

export function createMessageOutbox(deps: { keepEntries: number }): MessageOutbox {
  return createBoundedList<AcceptedMessage>(deps.keepEntries);
}
