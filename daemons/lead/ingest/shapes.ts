import { z } from 'zod';
import { idSchema } from '../../../lib/core/ids.ts';
import { time } from '../../../lib/contract/shapes.ts';

/** Anything a form may send: which fields mean something is for normalisation to say. */
export const ingestBody = z.record(z.string(), z.unknown());

export const accepted = z.object({
  id: idSchema,
  client_id: z.string(),
  status: z.literal('accepted'),
  created_at: time,
});
export type Accepted = z.input<typeof accepted>;

export const duplicate = accepted.extend({ duplicate: z.literal(true) });

export const ingestHeaders = z.object({
  'x-api-key': z.string().optional(),
  'idempotency-key': z.string().min(1).max(255).optional(),
  origin: z.string().optional(),
});

export const batchItem = z.union([
  z.object({ index: z.int(), status: z.literal(201), lead: accepted }),
  z.object({ index: z.int(), status: z.literal(200), lead: duplicate }),
  z.object({
    index: z.int(),
    status: z.int().min(400),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
]);
