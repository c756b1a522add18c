import { z } from 'zod';
import { idSchema } from '../../../lib/core/ids.ts';
import { pageQuery } from '../../../lib/core/paging.ts';
import { time } from '../../../lib/contract/shapes.ts';

export const refusal = z.object({
  api_key: z.object({ id: idSchema, name: z.string(), key_prefix: z.string() }),
  /** Null where none was sent, as by servers. */
  origin: z.string().nullable(),
  /** An IPv6 address counts as its /64. Null where there were too many in a minute to tell apart. */
  ip: z.string().nullable(),
  /** The code that the callers were answered. */
  reason: z.string(),
  count: z.int(),
  first_at: time,
  last_at: time,
});
export type RefusalView = z.input<typeof refusal>;

export const refusalFilters = pageQuery.extend({
  since: time.optional().describe('From this minute on; a day ago unless told'),
  until: time.optional().describe('Before this minute'),
});
export type RefusalFilters = z.output<typeof refusalFilters>;
