/** As what Meta posts about messages, and messages themselves, of a WhatsApp account. */
export const MESSAGES_OBJECT = 'whatsapp_business_account';

export const WHATSAPP_STATUSES = ['sent', 'delivered', 'read', 'failed'] as const;

/** By what a status that is posted again is known. */
export function statusKey(messageId: string, status: string): string {
  return `whatsapp:${messageId}:${status}`;
}

/** By what a message from a person that is posted again is known. */
export function incomingKey(messageId: string): string {
  return `whatsapp:in:${messageId}`;
}

/** What a status webhook says of a message. */
export interface WhatsAppStatus {
  /** `wamid.…` */
  readonly messageId: string;
  readonly status: (typeof WHATSAPP_STATUSES)[number];
  readonly at: Date;
  /** What we sent along as `biz_opaque_callback_data`; null when it came back without. */
  readonly deliveryId: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/**
 * `stale`: known already, older than what is known, or about a message that was replaced; `unknown`:
 * no delivery of ours sent this message.
 */
export type StatusApplied = 'applied' | 'stale' | 'unknown';

/** Moves a delivery forward, never back: statuses come out of order. */
export type ApplyWhatsAppStatus = (status: WhatsAppStatus) => Promise<StatusApplied>;
