import type { ClientUnit } from '../db/scope.ts';

/**
 * A client's unit in which nobody else changes that client's hierarchy. Only `lockHierarchy` makes
 * one, so that a change without the lock does not compile.
 */
export interface HierarchyUnit extends ClientUnit {
  readonly isHierarchyLocked: true;
}

/** A member's place; `reportsTo` null makes them a root. */
export interface Placement {
  readonly id: string;
  readonly reportsTo: string | null;
}

/**
 * Must come before anything is read that the change depends on: two moves that are each right alone
 * can close a loop together. Held until the transaction ends; other clients are not kept waiting.
 */
export async function lockHierarchy(unit: ClientUnit): Promise<HierarchyUnit> {
  await unit.run(`SELECT pg_advisory_xact_lock(hashtextextended('hierarchy:' || ?, 0))`, [
    unit.scope.clientId,
  ]);
  return { ...unit, isHierarchyLocked: true };
}

/** Gives a membership that was just inserted its place in the closure. */
export async function addToHierarchy(unit: HierarchyUnit, member: Placement): Promise<void> {
  await unit.run(
    `INSERT INTO user_client_hierarchy
       (client_id, ancestor_user_client_id, descendant_user_client_id, depth)
     SELECT client_id, ancestor_user_client_id, CAST(:id AS uuid), depth + 1
     FROM user_client_hierarchy
     WHERE client_id = :client AND descendant_user_client_id = :manager
     UNION ALL
     SELECT :client, CAST(:id AS uuid), CAST(:id AS uuid), 0`,
    { client: unit.scope.clientId, id: member.id, manager: member.reportsTo },
  );
}

/**
 * Moves a member, and all below them, to another manager: the edge and the closure at once.
 * `'cycle'` when the manager is the member or somebody below; nothing is changed then. The manager
 * must be a member of the unit's client.
 */
export async function moveInHierarchy(
  unit: HierarchyUnit,
  { id, reportsTo }: Placement,
): Promise<'moved' | 'cycle'> {
  if (reportsTo !== null && (await depthBetween(unit, id, reportsTo)) !== undefined) return 'cycle';
  const values = { client: unit.scope.clientId, id, manager: reportsTo };
  await unit.run(
    `UPDATE user_clients SET reports_to_user_client_id = :manager, updated_at = now()
     WHERE client_id = :client AND id = :id`,
    values,
  );
  // What links the subtree's inside to its outside: everybody in it with everybody above its top.
  await unit.run(
    `DELETE FROM user_client_hierarchy link
     USING user_client_hierarchy above, user_client_hierarchy below
     WHERE above.client_id = :client AND above.descendant_user_client_id = :id AND above.depth > 0
       AND below.client_id = :client AND below.ancestor_user_client_id = :id
       AND link.ancestor_user_client_id = above.ancestor_user_client_id
       AND link.descendant_user_client_id = below.descendant_user_client_id`,
    values,
  );
  if (reportsTo === null) return 'moved';
  await unit.run(
    `INSERT INTO user_client_hierarchy
       (client_id, ancestor_user_client_id, descendant_user_client_id, depth)
     SELECT :client, above.ancestor_user_client_id, below.descendant_user_client_id,
       above.depth + 1 + below.depth
     FROM user_client_hierarchy above CROSS JOIN user_client_hierarchy below
     WHERE above.client_id = :client AND above.descendant_user_client_id = :manager
       AND below.client_id = :client AND below.ancestor_user_client_id = :id`,
    values,
  );
  return 'moved';
}

/**
 * Takes a member out, so that the membership can be deleted: whoever reported to them reports to
 * their manager from now on, or to nobody when they were a root.
 */
export async function removeFromHierarchy(unit: HierarchyUnit, id: string): Promise<void> {
  const values = { client: unit.scope.clientId, id };
  await unit.run(
    `UPDATE user_clients report
     SET reports_to_user_client_id = removed.reports_to_user_client_id, updated_at = now()
     FROM user_clients removed
     WHERE removed.client_id = :client AND removed.id = :id
       AND report.client_id = :client AND report.reports_to_user_client_id = :id`,
    values,
  );
  await unit.run(
    `UPDATE user_client_hierarchy link SET depth = link.depth - 1
     FROM user_client_hierarchy above, user_client_hierarchy below
     WHERE above.client_id = :client AND above.descendant_user_client_id = :id AND above.depth > 0
       AND below.client_id = :client AND below.ancestor_user_client_id = :id AND below.depth > 0
       AND link.ancestor_user_client_id = above.ancestor_user_client_id
       AND link.descendant_user_client_id = below.descendant_user_client_id`,
    values,
  );
  await unit.run(
    `DELETE FROM user_client_hierarchy WHERE client_id = :client
       AND (ancestor_user_client_id = :id OR descendant_user_client_id = :id)`,
    values,
  );
}

/** How far `descendant` is below `ancestor`, 0 for the same member; undefined when not at all. */
export async function depthBetween(
  unit: ClientUnit,
  ancestor: string,
  descendant: string,
): Promise<number | undefined> {
  const link = await unit
    .trx<{
      client_id: string;
      ancestor_user_client_id: string;
      descendant_user_client_id: string;
      depth: number;
    }>('user_client_hierarchy')
    .where({
      client_id: unit.scope.clientId,
      ancestor_user_client_id: ancestor,
      descendant_user_client_id: descendant,
    })
    .first('depth');
  return link?.depth;
}

/** Derives a client's closure anew from who reports to whom, after memberships were loaded in bulk. */
export async function rebuildHierarchy(unit: HierarchyUnit): Promise<void> {
  const values = { client: unit.scope.clientId };
  await unit.run('DELETE FROM user_client_hierarchy WHERE client_id = :client', values);
  await unit.run(
    `INSERT INTO user_client_hierarchy
       (client_id, ancestor_user_client_id, descendant_user_client_id, depth)
     WITH RECURSIVE climb AS (
       SELECT id AS descendant, id AS ancestor, reports_to_user_client_id AS next, 0 AS depth
       FROM user_clients WHERE client_id = :client
       UNION ALL
       SELECT climb.descendant, manager.id, manager.reports_to_user_client_id, climb.depth + 1
       FROM climb JOIN user_clients manager
         ON manager.client_id = :client AND manager.id = climb.next)
     SELECT :client, ancestor, descendant, depth FROM climb`,
    values,
  );
}
