import { z } from 'zod';
import { clientIdSchema } from '../core/ids.ts';
import { SERVICES } from '../contract/route.ts';

const membershipSchema = z.object({
  id: z.string(),
  clientId: clientIdSchema,
  roleId: z.string(),
  /** The lower, the more senior. */
  roleLevel: z.number(),
});

/** Nobody in particular: public routes, and API keys, which the lead daemon checks itself. */
const anonymousSchema = z.object({ kind: z.literal('anonymous') });

const userSchema = z.object({
  kind: z.literal('user'),
  userId: z.string(),
  isAdmin: z.boolean(),
  /** The membership through which the path's client is acted on; null for admins and client-less paths. */
  membership: membershipSchema.nullable(),
  /** The session of the access token; not there for who is known by something else. */
  sessionId: z.string().optional(),
});

const serviceSchema = z.object({ kind: z.literal('service'), service: z.enum(SERVICES) });

/** Who calls, as the gateway vouches for it. */
export const identitySchema = z.discriminatedUnion('kind', [
  anonymousSchema,
  userSchema,
  serviceSchema,
]);

export type Membership = z.infer<typeof membershipSchema>;
export type AnonymousIdentity = z.infer<typeof anonymousSchema>;
export type UserIdentity = z.infer<typeof userSchema>;
export type ServiceIdentity = z.infer<typeof serviceSchema>;
export type Identity = z.infer<typeof identitySchema>;

export const anonymous: AnonymousIdentity = { kind: 'anonymous' };
