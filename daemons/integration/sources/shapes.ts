import { z } from 'zod';
import { time } from '../../../lib/contract/shapes.ts';

/** Ids of Meta's: digits, beyond 2^53 as strings. */
export const metaId = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,40}$/, { message: 'must be an id of Meta’s: digits only' }))
  .meta({
    // Zod would name the largest number that a double holds; longer ones are read all the same.
    anyOf: [
      { type: 'string', pattern: String.raw`^\d{1,40}$` },
      { type: 'integer', minimum: 0, exclusiveMaximum: 1e40 },
    ],
  });

export const newMetaSource = z.strictObject({ page_id: metaId, form_id: metaId.nullish() });
export type NewMetaSource = z.output<typeof newMetaSource>;

export const metaSource = z.object({
  id: z.string(),
  client_id: z.string(),
  page_id: z.string(),
  /** Null: every form of the page that has no mapping of its own. */
  form_id: z.string().nullable(),
  reconciled_until: time.nullable(),
  created_at: time,
});
export type MetaSource = z.input<typeof metaSource>;
