import { presentMember, type MemberRow } from '../../lib/hierarchy/member-rows.ts';
import type { TreeNode } from './contract.ts';

/** Hangs each member under their manager; rows must come managers first. The tops come back. */
export function toTree(rows: readonly MemberRow[], tops: readonly string[]): TreeNode[] {
  const isTop = new Set(tops);
  const nodes = new Map<string, TreeNode>();
  const roots: TreeNode[] = [];
  for (const row of rows) {
    const node = { ...presentMember(row), children: [] };
    nodes.set(row.id, node);
    const siblings = isTop.has(row.id)
      ? roots
      : nodes.get(row.reports_to_user_client_id ?? '')?.children;
    siblings?.push(node);
  }
  return roots;
}
