import { presentMember, type MemberRow } from '../../lib/hierarchy/member-rows.ts';
import type { Relative } from './contract.ts';

export function presentRelative(row: MemberRow): Relative {
  return { ...presentMember(row), depth: row.depth ?? 0 };
}
