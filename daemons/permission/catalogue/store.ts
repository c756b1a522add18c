import { Model, raw } from 'objection';
import type { Method, Reach } from '../../../lib/contract/route.ts';
import type { Unit } from '../../../lib/db/scope.ts';

export class PermissionRow extends Model {
  static override readonly tableName = 'permissions';

  declare id: string;
  declare method: Method;
  declare path: string;
  declare description: string;
  declare service: string;
  declare reach: Reach;
  declare registered_at: Date;
  declare gone_at: Date | null;
}

/** All that can be granted. */
export async function listLive(unit: Unit): Promise<PermissionRow[]> {
  return PermissionRow.query(unit.trx).whereNull('gone_at').orderBy(['path', 'method']);
}

export async function listLiveOfMethod(unit: Unit, method: Method): Promise<PermissionRow[]> {
  return PermissionRow.query(unit.trx).whereNull('gone_at').where({ method });
}

/** One registration at a time: two instances of a daemon start together and say the same. */
export async function takeTurn(unit: Unit): Promise<void> {
  await unit.run(`SELECT pg_advisory_xact_lock(hashtext('leadctl: register permissions'))`);
}

/** Live or gone: a route that comes back keeps its id, and an id never means another route. */
export async function listEver(unit: Unit): Promise<PermissionRow[]> {
  return PermissionRow.query(unit.trx);
}

export type PermissionInsert = Pick<
  PermissionRow,
  'id' | 'method' | 'path' | 'description' | 'service' | 'reach'
>;

export async function insertPermissions(
  unit: Unit,
  permissions: readonly PermissionInsert[],
): Promise<void> {
  await PermissionRow.query(unit.trx).insert([...permissions]);
}

/** Describes it anew, and brings it back if it was gone; whoever held it then does not hold it now. */
export async function updatePermission(
  unit: Unit,
  id: string,
  change: Pick<PermissionRow, 'description' | 'service' | 'reach'>,
): Promise<void> {
  await PermissionRow.query(unit.trx)
    .findById(id)
    .patch({ ...change, gone_at: null });
}

/** Marks them gone and takes them from every role, for good. */
export async function markGone(unit: Unit, ids: readonly string[]): Promise<void> {
  await PermissionRow.query(unit.trx)
    .patch({ gone_at: raw('now()') })
    .whereIn('id', [...ids]);
  await unit
    .trx('role_permissions')
    .whereIn('permission_id', [...ids])
    .delete();
}
