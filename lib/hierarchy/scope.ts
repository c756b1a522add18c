import type { UserIdentity } from '../identity/identity.ts';

/** A condition for a WHERE clause, with its values. */
export interface SqlCondition {
  readonly sql: string;
  readonly bindings: readonly string[];
}

/**
 * Which leads an actor may act on: those assigned to themselves or to anyone below them, and, for
 * the client's roots, those assigned to nobody. Admins act on all. The row's own table must be
 * named `leads` in the query; its client is already fixed by the transaction's scope.
 */
export function leadsInScope(actor: UserIdentity): SqlCondition {
  if (actor.isAdmin) return { sql: 'TRUE', bindings: [] };
  if (actor.membership === null) return { sql: 'FALSE', bindings: [] };
  const { id, clientId } = actor.membership;
  return {
    sql: `(EXISTS (SELECT FROM user_client_hierarchy h
        WHERE h.ancestor_user_client_id = ?
          AND h.descendant_user_client_id = leads.assigned_to_user_client_id)
      OR (leads.assigned_to_user_client_id IS NULL AND EXISTS (SELECT FROM user_clients m
        WHERE m.client_id = ? AND m.id = ? AND m.reports_to_user_client_id IS NULL)))`,
    bindings: [id, clientId, id],
  };
}
