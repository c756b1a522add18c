import { permissionKey } from '../../../lib/access/decide.ts';
import { audit, type Actor } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope, type Unit } from '../../../lib/db/scope.ts';
import { presentPermission } from '../catalogue/present.ts';
import { listLive, type PermissionRow } from '../catalogue/store.ts';
import type { RolePermissions, Selection } from '../contract.ts';
import { refuseRoleChange, scopeOfChange } from '../roles/policy.ts';
import { noSuchRole, type RoleActor } from '../roles/service.ts';
import { findRole, lockRole } from '../roles/store.ts';
import { selectPermissions } from './select.ts';
import * as store from './store.ts';

export interface GrantService {
  get(roleId: string): Promise<RolePermissions | Failure>;
  /** The role then holds what was named and nothing else. */
  set(actor: RoleActor, roleId: string, selection: Selection): Promise<RolePermissions | Failure>;
  /** The role then holds what was named too. */
  add(actor: RoleActor, roleId: string, selection: Selection): Promise<RolePermissions | Failure>;
  remove(actor: RoleActor, roleId: string, permissionId: string): Promise<Failure | undefined>;
}

/** Patterns are resolved when they are granted: a route that appears later is granted to nobody. */
export function createGrantService({ database }: { database: Database }): GrantService {
  const change = (
    actor: RoleActor,
    roleId: string,
    selection: Selection,
    mode: 'set' | 'add',
  ): Promise<RolePermissions | Failure> =>
    database.inTransaction(scopeOfChange(actor.identity), async (unit) => {
      const role = await lockRole(unit, roleId);
      if (role === undefined) return noSuchRole(roleId);
      const wanted = selectPermissions(selection, await listLive(unit));
      if (isFailure(wanted)) return wanted;
      const held = await store.listGranted(unit, roleId);
      const added = without(wanted, held);
      const removed = mode === 'set' ? without(held, wanted) : [];
      const grants = keysOf([...without(held, removed), ...added]);
      const refusal = await refuseRoleChange(unit, actor.identity, roleId, { grants });
      if (refusal) return refusal;
      if (added.length + removed.length === 0) return present(roleId, held);
      await write(unit, actor, roleId, { added, removed });
      return present(roleId, await store.listGranted(unit, roleId));
    });

  return {
    get(roleId) {
      return database.inTransaction(globalScope, async (unit) =>
        (await findRole(unit, roleId)) === undefined
          ? noSuchRole(roleId)
          : present(roleId, await store.listGranted(unit, roleId)),
      );
    },
    set: (actor, roleId, selection) => change(actor, roleId, selection, 'set'),
    add: (actor, roleId, selection) => change(actor, roleId, selection, 'add'),
    remove(actor, roleId, permissionId) {
      return database.inTransaction(scopeOfChange(actor.identity), async (unit) => {
        const role = await lockRole(unit, roleId);
        if (role === undefined) return noSuchRole(roleId);
        const refusal = await refuseRoleChange(unit, actor.identity, roleId, {});
        if (refusal) return refusal;
        const held = await store.listGranted(unit, roleId);
        const removed = held.filter(({ id }) => id === permissionId);
        if (removed.length === 0) {
          return fail('not_found', `Role ${role.name} does not hold permission ${permissionId}.`);
        }
        await write(unit, actor, roleId, { added: [], removed });
        return undefined;
      });
    },
  };
}

async function write(
  unit: Unit,
  actor: Actor,
  roleId: string,
  { added, removed }: { added: readonly PermissionRow[]; removed: readonly PermissionRow[] },
): Promise<void> {
  // An empty statement would still be announced to every gateway. Granting comes first: it may wait
  // for a registration, which must not wait for rows that were revoked here.
  if (added.length > 0) await store.grant(unit, roleId, idsOf(added));
  if (removed.length > 0) await store.revoke(unit, roleId, idsOf(removed));
  await audit(unit, actor, {
    action: added.length > 0 ? 'role.grant' : 'role.revoke',
    targetKind: 'role',
    targetId: roleId,
    detail: { added: keysOf(added), removed: keysOf(removed) },
  });
}

const idsOf = (rows: readonly PermissionRow[]): string[] => rows.map(({ id }) => id);
const keysOf = (rows: readonly PermissionRow[]): string[] =>
  rows.map((row) => permissionKey(row.method, row.path));

function without(
  rows: readonly PermissionRow[],
  others: readonly PermissionRow[],
): PermissionRow[] {
  const ids = new Set(idsOf(others));
  return rows.filter(({ id }) => !ids.has(id));
}

function present(roleId: string, rows: readonly PermissionRow[]): RolePermissions {
  return {
    role_id: roleId,
    permission_ids: idsOf(rows),
    permissions: rows.map(presentPermission),
  };
}
