import { z } from 'zod';
import { leadFilter } from './filter.ts';

/** What happens to a lead that a destination may be owed something for. */
export const OCCASIONS = ['lead.created', 'lead.assigned', 'lead.updated'] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** A secret as it is kept: sealed for its place. */
export const sealedSecret = z.object({
  sealed: z.string(),
  /** Tells whether another secret is the same one. */
  fingerprint: z.string().default(''),
  updated_at: z.iso.datetime(),
  /** The one before, while it is used beside the new one. */
  previous: z.object({ sealed: z.string(), until: z.iso.datetime() }).optional(),
});
export type SealedSecret = z.output<typeof sealedSecret>;

export const storedSecrets = z.record(z.string(), sealedSecret);
export type StoredSecrets = z.output<typeof storedSecrets>;

/** A row of `destinations`. */
export const destinationRow = z.object({
  id: z.string(),
  client_id: z.string(),
  name: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  occasions: z.array(z.enum(OCCASIONS)),
  filter: leadFilter,
  /** As the kind's schema has it; the switchboard may leave it incomplete. */
  settings: z.record(z.string(), z.unknown()),
  secrets: storedSecrets,
  version: z.int(),
  disabled_code: z.string().nullable(),
  disabled_message: z.string().nullable(),
  created_at: z.date(),
  updated_at: z.date(),
});
export type Destination = z.output<typeof destinationRow>;
