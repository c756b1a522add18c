import { z } from 'zod';
import { idSchema } from '../../../lib/core/ids.ts';
import { empty, json } from '../../../lib/contract/route.ts';
import { time } from '../../../lib/contract/shapes.ts';

/**
 * Anything a form may send: which fields mean something is for normalisation to say. Here they are
 * only told of, for a field of another type than the expected one never loses a lead.
 */
export const ingestBody = z.record(z.string(), z.unknown()).meta({
  description: 'Any fields; those that mean nothing here are kept with the lead.',
  properties: {
    name: { type: 'string', description: 'Or first_name and last_name' },
    email: { type: 'string' },
    phone: {
      description:
        'Text or a number; one of name, email and phone is needed. What cannot be read as a phone is kept as sent',
    },
    source: { type: 'string', description: '`website` unless told' },
    lead_reference_id: { type: 'string', description: 'Your id of it: makes it one lead a source' },
    product_id: { type: 'string' },
    consent: { description: 'Kept as it is' },
    _api_key: {
      type: 'string',
      description: 'The API key, of a form without script; the header comes first. Never kept',
    },
    _redirect: {
      type: 'string',
      description:
        'Where a form’s visitor goes next, by a 303; its origin must be one of the key’s',
    },
    _gotcha: {
      type: 'string',
      description: 'A field that people do not see: a lead that fills it is kept as spam',
    },
  },
});

const accepted = z.object({
  id: idSchema,
  client_id: z.string(),
  status: z.literal('accepted'),
  created_at: time,
});
export type Accepted = z.input<typeof accepted>;

const duplicate = accepted.extend({ duplicate: z.literal(true) });

export const ingestHeaders = z.object({
  'x-api-key': z
    .string()
    .optional()
    .describe('The client’s API key. Required, but for forms that send it as _api_key'),
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe(
      'The same key and body again get the first answer again, and store nothing; a repeat waits for a first that is under way',
    ),
  origin: z.string().optional(),
});
export const batchHeaders = ingestHeaders.extend({
  'x-api-key': z.string().optional().describe('The client’s API key. Required'),
});

export const readHeaders = batchHeaders.omit({ 'idempotency-key': true });

export const MOST_LEADS = 1_000;
export const batch = z.strictObject({ leads: z.array(z.unknown()).min(1).max(MOST_LEADS) });

/** As the header `Idempotency-Replayed` of a single lead. */
const idempotency_replayed = z
  .literal(true)
  .optional()
  .meta({ description: 'The first answer again, for a repeated Idempotency-Key' });

const batchItem = z.union([
  z.object({ index: z.int(), status: z.literal(201), lead: accepted, idempotency_replayed }),
  z.object({ index: z.int(), status: z.literal(200), lead: duplicate, idempotency_replayed }),
  z.object({
    index: z.int(),
    status: z.int().min(400),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
]);
export const batchResults = z.object({ results: z.array(batchItem) });

const REPLAYED = {
  'Idempotency-Replayed':
    '`true` when this is the first answer again, for a repeated Idempotency-Key',
};
export const ingestAnswers = {
  201: { ...json(accepted), headers: REPLAYED },
  200: { ...json(duplicate), headers: REPLAYED },
  303: { ...empty, headers: { Location: 'The form’s _redirect' } },
};
