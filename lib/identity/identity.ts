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

const personSchema = z.object({
  kind: z.literal('user'),
  userId: z.string(),
  isAdmin: z.boolean(),
  /** The membership through which the path's client is acted on; null for admins and client-less paths. */
  membership: membershipSchema.nullable(),
  /** The session of the access token; not there for who is known by something else. */
  sessionId: z.string().optional(),
});

/** What acts by a machine token; one of a client's stands at the root of its tree, above all members. */
const tokenSchema = z.object({
  kind: z.literal('token'),
  tokenId: z.string(),
  name: z.string(),
  isAdmin: z.boolean(),
  membership: z.null(),
  /** What it acts as in its client; null for an administrator's. */
  role: membershipSchema.omit({ id: true }).nullable(),
});

const serviceSchema = z.object({ kind: z.literal('service'), service: z.enum(SERVICES) });

/** Who calls, as the gateway vouches for it. */
export const identitySchema = z.discriminatedUnion('kind', [
  anonymousSchema,
  personSchema,
  tokenSchema,
  serviceSchema,
]);

export type Membership = z.infer<typeof membershipSchema>;
export type AnonymousIdentity = z.infer<typeof anonymousSchema>;
export type PersonIdentity = z.infer<typeof personSchema>;
export type TokenIdentity = z.infer<typeof tokenSchema>;
/** Whoever a bearer token speaks for: a person, or a machine token in its own right. */
export type UserIdentity = PersonIdentity | TokenIdentity;
export type ServiceIdentity = z.infer<typeof serviceSchema>;
export type Identity = z.infer<typeof identitySchema>;

export const anonymous: AnonymousIdentity = { kind: 'anonymous' };

/** The role by which it acts in a client; null for admins, and for whoever acts in none. */
export function actingRole(
  identity: UserIdentity,
): Pick<Membership, 'clientId' | 'roleId' | 'roleLevel'> | null {
  return identity.kind === 'token' ? identity.role : identity.membership;
}

/** Whether everything in a client that it may enter is in its part of the hierarchy. */
export function seesWholeClient(identity: UserIdentity): boolean {
  return identity.isAdmin || identity.kind === 'token';
}

/** The user or the machine token behind it, by an id that no other has. */
export function callerId(identity: UserIdentity): string {
  return identity.kind === 'token' ? identity.tokenId : identity.userId;
}
