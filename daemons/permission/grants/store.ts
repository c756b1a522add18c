import type { Unit } from '../../../lib/db/scope.ts';
import { PermissionRow } from '../catalogue/store.ts';

/** What the role holds. */
export async function listGranted(unit: Unit, roleId: string): Promise<PermissionRow[]> {
  return PermissionRow.query(unit.trx)
    .whereNull('gone_at')
    .whereIn('id', unit.trx('role_permissions').select('permission_id').where('role_id', roleId))
    .orderBy(['path', 'method']);
}

/**
 * Locks each permission against its going: one that a daemon lets go in the same moment is either
 * skipped here, or granted first and then taken away again.
 */
export async function grant(
  unit: Unit,
  roleId: string,
  permissionIds: readonly string[],
): Promise<void> {
  await unit.run(
    `INSERT INTO role_permissions (role_id, permission_id)
     SELECT CAST(? AS uuid), p.id FROM permissions p
     WHERE p.id = ANY (CAST(? AS uuid[])) AND p.gone_at IS NULL FOR SHARE
     ON CONFLICT DO NOTHING`,
    [roleId, [...permissionIds]],
  );
}

export async function revoke(
  unit: Unit,
  roleId: string,
  permissionIds: readonly string[],
): Promise<void> {
  await unit
    .trx('role_permissions')
    .where('role_id', roleId)
    .whereIn('permission_id', [...permissionIds])
    .delete();
}
