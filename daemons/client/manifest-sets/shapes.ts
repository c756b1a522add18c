import { z } from 'zod';
import { clientIdSchema } from '../../../lib/core/ids.ts';

export const ofSet = z.object({
  set: z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, {
    message: 'must be 1–64 of a–z, 0–9, ".", "_" or "-", with a letter or digit at both ends',
  }),
});

export const setEntry = z.strictObject({
  /** `role`, `api_key`; whoever applies manifests knows the kinds, here they are only remembered. */
  kind: z.string().regex(/^[a-z][a-z_]{0,39}$/, { message: 'must be a kind, e.g. api_key' }),
  /** Null for what belongs to no client. */
  client_id: clientIdSchema.nullable(),
  /** The name under which a manifest knows it, unique within kind and client. */
  identity: z.string().min(1).max(1_000),
});
export type SetEntry = z.output<typeof setEntry>;

export const setEntries = z.strictObject({ entries: z.array(setEntry).min(1).max(500) });
