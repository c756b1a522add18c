import { z } from 'zod';
import { label } from '../../../lib/contract/refinements.ts';
import { time } from '../../../lib/contract/shapes.ts';
import { pageQuery } from '../../../lib/core/paging.ts';

export const CHANNELS = ['whatsapp', 'email'] as const;
export type SuppressionChannel = (typeof CHANNELS)[number];

const address = z
  .string()
  .trim()
  .min(3)
  .max(320)
  .meta({ pattern: String.raw`\S[^\u0000]+\S` });

/** `address`: a phone number for WhatsApp, kept in E.164, or an e-mail address, kept in lower case. */
export const suppressedAddress = z.strictObject({ channel: z.enum(CHANNELS), address });
export type SuppressedAddress = z.output<typeof suppressedAddress>;

export const newSuppression = suppressedAddress.extend({
  reason: label(500).nullish(),
});
export type NewSuppression = z.output<typeof newSuppression>;

export const suppressionFilters = pageQuery.extend({
  channel: z.enum(CHANNELS).optional(),
  address: address.optional(),
});
export type SuppressionFilters = z.output<typeof suppressionFilters>;

/** The channel that is asked for, or the one that such an address is for. */
export function channelOf(
  address: string,
  asked: SuppressionChannel | undefined,
): SuppressionChannel {
  return asked ?? (address.includes('@') ? 'email' : 'whatsapp');
}

export const suppression = z.object({
  id: z.string(),
  client_id: z.string(),
  channel: z.enum(CHANNELS),
  address: z.string(),
  reason: z.string().nullable(),
  /** The recipient by a message such as STOP, or somebody of the client. */
  made_by: z.enum(['recipient', 'operator']),
  created_at: time,
});
export type Suppression = z.input<typeof suppression>;
