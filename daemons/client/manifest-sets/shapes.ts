import { z } from 'zod';
import { clientIdSchema } from '../../../lib/core/ids.ts';

export const ofSet = z.object({
  set: z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, {
    message: 'must be 1–64 of a–z, 0–9, ".", "_" or "-", with a letter or digit at both ends',
  }),
});

export const MANIFEST_KINDS = [
  'role',
  'industry',
  'category',
  'product',
  'client',
  'member',
  'client_product',
  'api_key',
  'meta_source',
] as const;

export const setEntry = z.strictObject({
  kind: z.enum(MANIFEST_KINDS),
  /** Null for what belongs to no client. */
  client_id: clientIdSchema.nullable(),
  /** The name under which a manifest knows it, unique within kind and client. */
  identity: z.string().min(1).max(1_000),
});
export type SetEntry = z.output<typeof setEntry>;

export const setEntries = z.strictObject({ entries: z.array(setEntry).min(1).max(500) });
