import { z } from 'zod';
import { idSchema } from '../../lib/core/ids.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, json } from '../../lib/contract/route.ts';
import { inClient } from '../../lib/contract/shapes.ts';
import { memberSchema, type Member } from '../../lib/hierarchy/member.ts';

const ofMember = inClient.extend({ user_client_id: idSchema });
const depth = z.coerce.number().int().min(1).max(1_000).optional();

export interface TreeNode extends Member {
  readonly children: TreeNode[];
}
const treeNode: z.ZodType<TreeNode, TreeNode> = memberSchema.extend({
  get children() {
    return z.array(treeNode);
  },
});

const tree = z.object({
  client_id: z.string(),
  roots: z.array(treeNode),
  /** There are more members than fit; the tree is whole down to some level, and no further. */
  truncated: z.boolean(),
});
export type Tree = z.input<typeof tree>;

const relative = memberSchema.extend({ depth: z.int() });
export type Relative = z.input<typeof relative>;

const check = z.object({
  allowed: z.boolean(),
  /** How far the target is below the actor, 0 for the same member; null when not at all. */
  depth: z.int().nullable(),
  reason: z.string(),
});
export type Check = z.input<typeof check>;

const pair = z.strictObject({
  actor_user_client_id: idSchema,
  target_user_client_id: idSchema,
});
export type Pair = z.output<typeof pair>;

const descendantFilters = pageQuery.extend({ depth });
export type DescendantFilters = z.output<typeof descendantFilters>;

export const hierarchyContract = defineContract('hierarchy', {
  tree: {
    method: 'GET',
    path: '/api/clients/{client_id}/hierarchy',
    access: 'grant',
    summary: 'Read who reports to whom, from yourself downwards',
    params: inClient,
    query: z.object({ depth }),
    responses: { 200: json(tree) },
  },
  descendants: {
    method: 'GET',
    path: '/api/clients/{client_id}/members/{user_client_id}/descendants',
    access: 'grant',
    summary: 'List the members below one, nearest first; depth says how far down',
    params: ofMember,
    query: descendantFilters,
    responses: { 200: json(pageOf(relative)) },
  },
  ancestors: {
    method: 'GET',
    path: '/api/clients/{client_id}/members/{user_client_id}/ancestors',
    access: 'grant',
    summary: 'List the members above one, nearest first',
    params: ofMember,
    query: pageQuery,
    responses: { 200: json(pageOf(relative)) },
  },
  check: {
    method: 'POST',
    path: '/api/hierarchy/check',
    access: 'grant',
    summary: 'Say whether one member may act on what is another’s, and why',
    body: json(pair),
    responses: { 200: json(check) },
    errors: ['not_found'],
  },
});
export type HierarchyContract = typeof hierarchyContract;
