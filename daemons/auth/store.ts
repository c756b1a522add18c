import { Model } from 'objection';
import { violatedConstraint } from '../../lib/db/errors.ts';
import type { Unit, UserScope } from '../../lib/db/scope.ts';
import type { Me } from './contract.ts';

export class UserRow extends Model {
  static override readonly tableName = 'users';

  declare id: string;
  declare email: string;
  declare password_hash: string | null;
  declare is_admin: boolean;
  declare status: 'active' | 'invited' | 'disabled';
  declare created_at: Date;
  declare updated_at: Date;
}

export async function findUser(unit: Unit, id: string): Promise<UserRow | undefined> {
  return UserRow.query(unit.trx).findById(id);
}

export async function findUserByEmail(unit: Unit, email: string): Promise<UserRow | undefined> {
  return UserRow.query(unit.trx).findOne({ email });
}

/**
 * The user as of now, until the transaction ends. Whatever touches a user's sessions or password
 * takes this lock first: else a session could be renewed past the revocation of all of them.
 */
export async function lockUser(unit: Unit, id: string): Promise<UserRow | undefined> {
  return UserRow.query(unit.trx).findById(id).forNoKeyUpdate();
}

export type UserInsert = Pick<
  UserRow,
  'id' | 'email' | 'password_hash' | 'is_admin' | 'status' | 'created_at' | 'updated_at'
>;

export async function insertUser(unit: Unit, user: UserInsert): Promise<UserRow | 'email_taken'> {
  try {
    return await UserRow.query(unit.trx).insert(user).returning('*');
  } catch (error) {
    if (violatedConstraint(error) === 'users_email_key') return 'email_taken';
    throw error;
  }
}

export async function updateUser(
  unit: Unit,
  id: string,
  change: Partial<Pick<UserRow, 'password_hash' | 'status' | 'is_admin'>> & { updated_at: Date },
): Promise<void> {
  await UserRow.query(unit.trx).patch(change).where({ id });
}

interface MembershipRow {
  id: string;
  client_id: string;
  reports_to_user_client_id: string | null;
  role_id: string;
  role_name: string;
  role_level: number;
}

/** The user's place in each client; the unit's scope lets nobody else's be seen. */
export async function membershipsOf(unit: Unit<UserScope>): Promise<Me['memberships']> {
  const rows: MembershipRow[] = await unit
    .trx('user_clients as m')
    .join('roles as r', 'r.id', 'm.role_id')
    .where('m.user_id', unit.scope.userId)
    .orderBy('m.client_id')
    .select(
      'm.id',
      'm.client_id',
      'm.reports_to_user_client_id',
      'r.id as role_id',
      'r.name as role_name',
      'r.level as role_level',
    );
  return rows.map((row) => ({
    id: row.id,
    client_id: row.client_id,
    role: { id: row.role_id, name: row.role_name, level: String(row.role_level) },
    reports_to_user_client_id: row.reports_to_user_client_id,
  }));
}
