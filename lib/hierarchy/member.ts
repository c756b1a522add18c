import { z } from 'zod';
import { idSchema } from '../core/ids.ts';

/** A member of a client as every daemon answers one; `level` is a number carried as text. */
export const memberSchema = z.object({
  id: idSchema,
  user_id: idSchema,
  email: z.string(),
  client_id: z.string(),
  role: z.object({ id: idSchema, name: z.string(), level: z.string() }),
  reports_to_user_client_id: idSchema.nullable(),
});
export type Member = z.output<typeof memberSchema>;

/** A membership as its user is told of it. */
export const membershipSchema = memberSchema.omit({ user_id: true, email: true });
export type Membership = z.output<typeof membershipSchema>;
