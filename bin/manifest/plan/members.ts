import { unknownMember } from '../check.ts';
import type { MemberSpec } from '../schema.ts';
import type { MemberState, PlatformState } from '../state.ts';
import { step, stepKey, type Change, type Step } from '../step.ts';
import { didYouMean } from '../suggest.ts';
import type { ClientWish } from './client.ts';

/**
 * Members from the top of the tree downwards, as it is to be. Whoever is placed then stands under a
 * chain that is final already, so that no move closes a loop on the way, not even a swap of two.
 */
export function planMembers(current: PlatformState, wish: ClientWish): Step[] {
  const { client, removed } = wish;
  const { client_id: clientId } = client;
  const before = current.clients.get(clientId)?.members ?? new Map<string, MemberState>();
  const managers = new Map<string, string | null>(
    [...before].map(([email, { reportsTo }]) => [email, reportsTo]),
  );
  for (const { email, reports_to: to } of client.members) managers.set(email, to ?? null);

  const depths = new Map<string, number>();
  for (const member of client.members) {
    const problem = problemOf(current, wish, member, managers);
    const depth = depthOf(member.email, managers);
    if (problem !== undefined) wish.problems.push(`client ${clientId}: ${problem}`);
    else if (depth === undefined) {
      wish.problems.push(
        `client ${clientId}: ${member.email} would report to themselves by way of others`,
      );
    }
    depths.set(member.email, depth ?? 0);
  }
  return client.members
    .toSorted((a, b) => (depths.get(a.email) ?? 0) - (depths.get(b.email) ?? 0))
    .flatMap((member) => planMember(clientId, before.get(member.email), member, removed));
}

function planMember(
  clientId: string,
  before: MemberState | undefined,
  { email, role, reports_to: to }: MemberSpec,
  removed: ReadonlySet<string>,
): Step[] {
  const reportsTo = to ?? null;
  const isRoleNew = before?.role !== role;
  const isPlaceNew = before === undefined || before.reportsTo !== reportsTo;
  if (before !== undefined && !isRoleNew && !isPlaceNew) return [];
  const changes: Change[] = [
    ...(isRoleNew ? [{ field: 'role', from: before?.role ?? null, to: role }] : []),
    ...(isPlaceNew && (before !== undefined || reportsTo !== null)
      ? [{ field: 'reports_to', from: before?.reportsTo ?? null, to: reportsTo }]
      : []),
  ];
  const needs = [
    stepKey('client', clientId, clientId),
    stepKey('role', null, role),
    ...(reportsTo === null || removed.has(reportsTo) ? [] : [memberStep(clientId, reportsTo)]),
  ];
  const about = { kind: 'member', clientId, identity: email, needs, changes } as const;
  if (before === undefined) {
    const operation = { op: 'member.create', clientId, email, role, reportsTo } as const;
    return [step({ ...about, action: 'create', operation })];
  }
  const operation = {
    op: 'member.update',
    clientId,
    email,
    ...(isRoleNew ? { role } : {}),
    ...(isPlaceNew ? { reportsTo } : {}),
  } as const;
  return [step({ ...about, action: 'update', operation })];
}

export function memberStep(clientId: string, email: string): string {
  return stepKey('member', clientId, email);
}

function problemOf(
  current: PlatformState,
  { client, roles, removed }: ClientWish,
  { email, role, reports_to: to }: MemberSpec,
  managers: ReadonlyMap<string, string | null>,
): string | undefined {
  const known = [...current.roles.keys(), ...roles.map(({ name }) => name)];
  if (!known.includes(role)) {
    return `${email} has a role "${role}" that does not exist${didYouMean(role, known)}`;
  }
  if (to == null) return undefined;
  if (!managers.has(to)) return unknownMember(client.client_id, to, managers.keys());
  if (removed.has(to)) return `${email} reports to ${to}, who is removed`;
  return undefined;
}

/** How far below the top; undefined in a loop. */
function depthOf(email: string, managers: ReadonlyMap<string, string | null>): number | undefined {
  let depth = 0;
  for (let to = managers.get(email); to != null; to = managers.get(to)) {
    depth += 1;
    if (depth > managers.size) return undefined;
  }
  return depth;
}
