import { leadsInScope, type SqlCondition } from '../../lib/hierarchy/scope.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';

/**
 * Which deliveries an actor may see and retry: those of the leads in their part of the hierarchy.
 * The query joins `leads`.
 */
export function deliveriesInScope(actor: UserIdentity): SqlCondition {
  return leadsInScope(actor);
}
