import { parseGrantPattern } from '../../../lib/access/grant-pattern.ts';
import type { RoleSpec } from '../schema.ts';
import type { PlatformState } from '../state.ts';
import { changesBetween, step, stepKey, type Change, type Step } from '../step.ts';

/** Roles and, after all of them, what they may do. */
export function planRoles(
  current: PlatformState,
  roles: readonly RoleSpec[],
  problems: string[],
): Step[] {
  return [
    ...roles.flatMap((role) => planRole(current, role)),
    ...roles.flatMap((role) => planGrants(current, role, problems)),
  ];
}

function planRole(current: PlatformState, role: RoleSpec): Step[] {
  const { name, level, description } = role;
  const found = current.roles.get(name);
  const about = { kind: 'role', identity: name } as const;
  if (found === undefined) {
    const operation = {
      op: 'role.create',
      name,
      level,
      description: description ?? null,
    } as const;
    const changes = changesBetween({}, { level, description: description ?? undefined });
    return [step({ ...about, action: 'create', changes, operation })];
  }
  const changes = changesBetween({ ...found }, { level, description });
  if (changes.length === 0) return [];
  const isChanged = (field: string): boolean => changes.some((change) => change.field === field);
  return [
    step({
      ...about,
      action: 'update',
      changes,
      operation: {
        op: 'role.update',
        name,
        ...(isChanged('level') ? { level } : {}),
        ...(isChanged('description') && description !== undefined ? { description } : {}),
      },
    }),
  ];
}

/** Patterns mean the permissions of today: what a later version adds shows as a change. */
function planGrants(current: PlatformState, role: RoleSpec, problems: string[]): Step[] {
  if (role.grants === undefined) return [];
  const wanted = new Set<string>();
  for (const text of role.grants) {
    const matched = matchGrant(text, current.permissions);
    if (matched.length === 0) problems.push(`role ${role.name}: "${text}" matches no permission`);
    for (const permission of matched) wanted.add(permission);
  }
  const held = current.roles.get(role.name)?.grants ?? new Set<string>();
  const changes: Change[] = [
    ...[...wanted]
      .filter((one) => !held.has(one))
      .map((to) => ({ field: 'grant', from: null, to })),
    ...[...held]
      .filter((one) => !wanted.has(one))
      .map((from) => ({ field: 'grant', from, to: null })),
  ];
  if (changes.length === 0) return [];
  return [
    step({
      kind: 'grants',
      identity: role.name,
      action: 'update',
      needs: [stepKey('role', null, role.name)],
      changes,
      operation: { op: 'grants.set', role: role.name, permissions: [...wanted].toSorted() },
    }),
  ];
}

function matchGrant(text: string, permissions: PlatformState['permissions']): string[] {
  const pattern = parseGrantPattern(text);
  if (pattern === undefined) return [];
  const matched = [...permissions].filter(([permission, reach]) => {
    const [method = '', path = ''] = permission.split(' ');
    return pattern.matches({ method, path, reach });
  });
  return matched.map(([permission]) => permission);
}
