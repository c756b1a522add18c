import { Model } from 'objection';
import { FOREIGN_KEY_VIOLATION, sqlState, violatedConstraint } from '../../../lib/db/errors.ts';
import type { Unit } from '../../../lib/db/scope.ts';

export class RoleRow extends Model {
  static override readonly tableName = 'roles';

  declare id: string;
  declare name: string;
  /** A whole number. */
  declare level: string;
  declare description: string | null;
  declare created_at: Date;
  declare updated_at: Date;
}

export type RoleInsert = Pick<RoleRow, 'id' | 'name' | 'level' | 'description' | 'created_at'>;

export async function insertRole(unit: Unit, role: RoleInsert): Promise<RoleRow | 'name_taken'> {
  return unlessNameTaken(async () =>
    RoleRow.query(unit.trx)
      .insert({ ...role, updated_at: role.created_at })
      .returning('*'),
  );
}

/** At most `limit + 1` roles, the most senior first. */
export async function listRoles(
  unit: Unit,
  page: { limit: number; after: readonly [level: number, name: string] | undefined },
): Promise<RoleRow[]> {
  const query = RoleRow.query(unit.trx)
    .orderByRaw('CAST(level AS integer), name')
    .limit(page.limit + 1);
  if (page.after !== undefined)
    void query.whereRaw('(CAST(level AS integer), name) > (?, ?)', [...page.after]);
  return query;
}

export async function findRole(unit: Unit, id: string): Promise<RoleRow | undefined> {
  return RoleRow.query(unit.trx).findById(id);
}

/** As findRole, and nobody else changes it or what it holds until the transaction ends. */
export async function lockRole(unit: Unit, id: string): Promise<RoleRow | undefined> {
  return RoleRow.query(unit.trx).findById(id).forUpdate();
}

export type RolePatch = Partial<Pick<RoleRow, 'name' | 'level' | 'description'>>;

export async function updateRole(
  unit: Unit,
  id: string,
  change: RolePatch & { updated_at: Date },
): Promise<RoleRow | 'name_taken'> {
  return unlessNameTaken(async () =>
    RoleRow.query(unit.trx).patchAndFetchById(id, change).throwIfNotFound(),
  );
}

/** `'in_use'` while a membership of any client has it: the foreign key sees what policies hide. */
export async function deleteRole(unit: Unit, id: string): Promise<'deleted' | 'in_use'> {
  try {
    await RoleRow.query(unit.trx).deleteById(id);
    return 'deleted';
  } catch (error) {
    if (sqlState(error) === FOREIGN_KEY_VIOLATION) return 'in_use';
    throw error;
  }
}

async function unlessNameTaken<T>(write: () => Promise<T>): Promise<T | 'name_taken'> {
  try {
    return await write();
  } catch (error) {
    if (violatedConstraint(error) === 'roles_name_key') return 'name_taken';
    throw error;
  }
}
