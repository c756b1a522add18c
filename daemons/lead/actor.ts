import type { Actor } from '../../lib/audit/audit.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';

/** A signed-in person acting on leads. */
export type LeadActor = Actor & { readonly identity: UserIdentity };
