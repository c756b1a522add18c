import { z } from 'zod';
import { idSchema } from '../core/ids.ts';

/** An invited user has not chosen a password yet; a disabled one cannot log in anywhere. */
export const USER_STATUSES = ['active', 'invited', 'disabled'] as const;

/** A member of a client as every daemon answers one; `level` is a number carried as text. */
export const memberSchema = z.object({
  id: idSchema,
  user_id: idSchema,
  email: z.string(),
  /** Of the account, which is the same in every client. */
  user_status: z.enum(USER_STATUSES),
  client_id: z.string(),
  role: z.object({ id: idSchema, name: z.string(), level: z.string() }),
  reports_to_user_client_id: idSchema.nullable(),
});
export type Member = z.output<typeof memberSchema>;

/** A membership as its user is told of it. */
export const membershipSchema = memberSchema.omit({
  user_id: true,
  email: true,
  user_status: true,
});
export type Membership = z.output<typeof membershipSchema>;
