import { z } from 'zod';
import { time } from '../../../lib/contract/shapes.ts';
import { idSchema } from '../../../lib/core/ids.ts';
import { pageQuery } from '../../../lib/core/paging.ts';

export const STATUSES = [
  'pending',
  'delivering',
  'delivered',
  'retrying',
  'unknown',
  'failed',
  'held',
  'skipped',
] as const;
export type DeliveryStatus = (typeof STATUSES)[number];

export const OUTCOMES = ['delivered', 'retry', 'unknown', 'failed', 'held', 'skipped'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Where a delivery goes. */
export const destinationName = z.object({ id: z.string(), name: z.string(), kind: z.string() });

const failure = z.object({ code: z.string(), message: z.string() });

export const delivery = z.object({
  id: z.string(),
  client_id: z.string(),
  lead_id: z.string(),
  /** The destination's kind. */
  integration: z.string(),
  destination: destinationName,
  /** Why it is owed. */
  occasion: z.string(),
  /** `held` while its lane is. */
  status: z.enum(STATUSES),
  attempts: z.int(),
  /** What went wrong last; of a held one what holds it, of a skipped one why nothing was sent. */
  last_error: failure.nullable(),
  next_attempt_at: time.nullable(),
  provider_reference: z.string().nullable(),
  provider_status: z.string().nullable(),
  created_at: time,
  updated_at: time,
  delivered_at: time.nullable(),
});
export type Delivery = z.input<typeof delivery>;

const attempt = z.object({
  number: z.int(),
  started_at: time,
  finished_at: time.nullable(),
  duration_ms: z.int().nullable(),
  outcome: z.enum(OUTCOMES).nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  /** What was sent: without secrets, personal data masked. */
  request: z.unknown(),
});

export const deliveryWithAttempts = delivery.extend({ attempt_log: z.array(attempt) });
export type DeliveryWithAttempts = z.input<typeof deliveryWithAttempts>;

const kindName = z.string().min(1).max(100);
const destinationKey = z.string().min(1).max(100);

export const deliveryFilters = pageQuery.extend({
  lead_id: idSchema.optional(),
  status: z.enum(STATUSES).optional(),
  integration: kindName.optional(),
  /** Its name, or its id. */
  destination: destinationKey.optional(),
});
export type DeliveryFilters = z.output<typeof deliveryFilters>;

/** What was delivered is not among them: it would arrive twice. */
export const REPLAYABLE = ['failed', 'held', 'unknown', 'retrying', 'pending', 'skipped'] as const;

export const replay = z.strictObject({
  /** Failed and held ones unless told. */
  status: z.enum(REPLAYABLE).optional(),
  integration: kindName.optional(),
  /** Its name, or its id. */
  destination: destinationKey.optional(),
  since: time.optional(),
  until: time.optional(),
  /** Under today's settings, or those that each was made under. */
  config: z.enum(['current', 'original']).default('current'),
  dry_run: z.boolean().default(false),
});
export type Replay = z.output<typeof replay>;

export const replayed = z.object({
  count: z.int(),
  groups: z.array(
    z.object({
      integration: z.string(),
      destination: destinationName,
      code: z.string().nullable(),
      message: z.string().nullable(),
      count: z.int(),
    }),
  ),
  dry_run: z.boolean(),
});
export type Replayed = z.input<typeof replayed>;

export const summaryQuery = z.object({
  /** What was delivered or skipped is counted from then on; a day back unless told. */
  since: time.optional(),
});
export type SummaryQuery = z.output<typeof summaryQuery>;

export const deliverySummary = z.object({
  since: time,
  by_status: z.record(z.enum(STATUSES), z.int()),
  /** One provider account each: what holds it, and how many of your deliveries wait in it. */
  lanes: z.array(
    z.object({
      lane: z.string(),
      integration: z.string(),
      destination: destinationName,
      account: z.string(),
      waiting: z.int(),
      held_at: time.nullable(),
      held_code: z.string().nullable(),
      held_message: z.string().nullable(),
      recheck_at: time.nullable(),
      paused_until: time.nullable(),
    }),
  ),
});
export type DeliverySummary = z.output<typeof deliverySummary>;
