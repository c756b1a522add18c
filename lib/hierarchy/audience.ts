import { z } from 'zod';
import type { ClientUnit } from '../db/scope.ts';

const rowSchema = z.object({ member: z.string(), assignee: z.string().nullable() });

/**
 * Which of these members may act on leads of which assignees (null: assigned to nobody): by member,
 * the assignees among those asked about. The rule of `leadsInScope`, for many members at once.
 */
export async function audienceOf(
  unit: ClientUnit,
  { members, assignees }: { members: readonly string[]; assignees: readonly (string | null)[] },
): Promise<ReadonlyMap<string, ReadonlySet<string | null>>> {
  const seenBy = new Map(members.map((member) => [member, new Set<string | null>()]));
  if (members.length === 0 || assignees.length === 0) return seenBy;
  const { clientId } = unit.scope;
  const result = await unit.rows(
    rowSchema,
    `SELECT ancestor_user_client_id AS member, descendant_user_client_id AS assignee
     FROM user_client_hierarchy
     WHERE client_id = ? AND ancestor_user_client_id = ANY(?::uuid[])
       AND descendant_user_client_id = ANY(?::uuid[])
     UNION ALL
     SELECT id, NULL FROM user_clients
     WHERE client_id = ? AND id = ANY(?::uuid[]) AND reports_to_user_client_id IS NULL`,
    [
      clientId,
      [...members],
      assignees.filter((assignee) => assignee !== null),
      clientId,
      [...members],
    ],
  );
  for (const { member, assignee } of result) {
    seenBy.get(member)?.add(assignee);
  }
  return seenBy;
}
