import { z } from 'zod';
import { clientIdSchema, type ClientId } from '../../lib/core/ids.ts';
import type { AllClientsScope, ClientUnit, Unit } from '../../lib/db/scope.ts';
import {
  membersAbove,
  membersInScope,
  membersUnder,
  type MemberRow,
} from '../../lib/hierarchy/member-rows.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';

/** Ids of the client's roots: the members who report to nobody. */
export async function rootIds(unit: ClientUnit): Promise<string[]> {
  const rows = await unit
    .trx<{ id: string; client_id: string; reports_to_user_client_id: string | null }>(
      'user_clients',
    )
    .where('client_id', unit.scope.clientId)
    .whereNull('reports_to_user_client_id')
    .orderBy('id')
    .select('id');
  return rows.map(({ id }) => id);
}

/** At most `limit` members from `tops` downwards, whole levels first, each with its depth below its top. */
export async function readTree(
  unit: ClientUnit,
  tops: readonly string[],
  page: { maxDepth: number | undefined; limit: number },
): Promise<MemberRow[]> {
  const query = membersUnder(unit, tops)
    .orderBy('link.depth')
    .orderBy('link.descendant_user_client_id')
    .limit(page.limit);
  if (page.maxDepth !== undefined) void query.where('link.depth', '<=', page.maxDepth);
  return query;
}

export async function isInScope(
  unit: ClientUnit,
  actor: UserIdentity,
  id: string,
): Promise<boolean> {
  const row = await membersInScope(unit, actor).where('member.id', id).first();
  return row !== undefined;
}

export interface Position {
  readonly depth: number;
  readonly id: string;
}

/** At most `limit` members below one, nearest first, after `position`. */
export async function listBelow(
  unit: ClientUnit,
  id: string,
  page: { maxDepth: number | undefined; limit: number; after: Position | undefined },
): Promise<MemberRow[]> {
  const query = membersUnder(unit, [id])
    .where('link.depth', '>', 0)
    .orderBy('link.depth')
    .orderBy('link.descendant_user_client_id')
    .limit(page.limit);
  if (page.maxDepth !== undefined) void query.where('link.depth', '<=', page.maxDepth);
  if (page.after !== undefined) {
    void query.whereRaw('(link.depth, link.descendant_user_client_id) > (?, ?)', [
      page.after.depth,
      page.after.id,
    ]);
  }
  return query;
}

/** At most `limit` members above one, nearest first, after `position`. */
export async function listAbove(
  unit: ClientUnit,
  id: string,
  page: { limit: number; after: Position | undefined },
): Promise<MemberRow[]> {
  const query = membersAbove(unit, id).orderBy('link.depth').limit(page.limit);
  if (page.after !== undefined) void query.where('link.depth', '>', page.after.depth);
  return query;
}

const clientRow = z.object({ client_id: clientIdSchema });

/** The client that both memberships belong to, if they belong to one. */
export async function sharedClient(
  unit: Unit<AllClientsScope>,
  pair: { actor: string; target: string },
): Promise<ClientId | undefined> {
  const result = await unit.maybeOne(
    clientRow,
    `SELECT actor.client_id FROM user_clients actor
     JOIN user_clients target ON target.client_id = actor.client_id AND target.id = :target
     WHERE actor.id = :actor`,
    { ...pair },
  );
  return result?.client_id;
}
