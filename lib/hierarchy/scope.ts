import { z } from 'zod';
import type { ClientUnit } from '../db/scope.ts';
import { seesWholeClient, type UserIdentity } from '../identity/identity.ts';

/** A condition for a WHERE clause, with its values. */
export interface SqlCondition {
  readonly sql: string;
  readonly bindings: readonly string[];
}

/**
 * Which leads an actor may act on: those assigned to themselves or to anyone below them, and, for
 * the client's roots, those assigned to nobody. Admins and machine tokens act on all. The row's own table must be
 * named `leads` in the query; its client is already fixed by the transaction's scope.
 *
 * The closure is asked about each row by its primary key. A scalar sub-select, because PostgreSQL
 * would turn EXISTS into a hash of everybody below, which for a root is the whole client.
 */
export function leadsInScope(actor: UserIdentity): SqlCondition {
  if (seesWholeClient(actor)) return { sql: 'TRUE', bindings: [] };
  if (actor.membership === null) return { sql: 'FALSE', bindings: [] };
  const { id, clientId } = actor.membership;
  return {
    sql: `((SELECT TRUE FROM user_client_hierarchy h
        WHERE h.ancestor_user_client_id = ?
          AND h.descendant_user_client_id = leads.assigned_to_user_client_id)
      OR (leads.assigned_to_user_client_id IS NULL AND (SELECT TRUE FROM user_clients m
        WHERE m.client_id = ? AND m.id = ? AND m.reports_to_user_client_id IS NULL)))`,
    bindings: [id, clientId, id],
  };
}

/** How much of the client a member's scope takes in. */
export interface Reach {
  /** Members, the member included; counted no further than asked. */
  readonly members: number;
  readonly isRoot: boolean;
}

const reachRow = z.object({ members: z.int(), is_root: z.boolean() });

/** Counts at most `most` members: whoever asks only wants to know whether there are more. */
export async function reachOf(
  unit: ClientUnit,
  membershipId: string,
  most: number,
): Promise<Reach> {
  const reach = await unit.one(
    reachRow,
    `SELECT
       (SELECT CAST(count(*) AS integer) FROM (SELECT FROM user_client_hierarchy
         WHERE client_id = :client AND ancestor_user_client_id = :id LIMIT :most) AS within) AS members,
       EXISTS (SELECT FROM user_clients WHERE client_id = :client AND id = :id
         AND reports_to_user_client_id IS NULL) AS is_root`,
    { client: unit.scope.clientId, id: membershipId, most },
  );
  return { members: reach.members, isRoot: reach.is_root };
}
