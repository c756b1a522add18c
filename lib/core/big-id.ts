import { z } from 'zod';

/** A provider's id, string or integer, as a string. For values that `parseJson` read. */
export const bigIdSchema = z
  .union([z.string().min(1), z.number().int().nonnegative()])
  .transform((id) => String(id));
