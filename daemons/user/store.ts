import { Model } from 'objection';
import { violatedConstraint } from '../../lib/db/errors.ts';
import { containing } from '../../lib/db/like.ts';
import type { Unit, UserScope } from '../../lib/db/scope.ts';
import { MemberRow } from '../../lib/hierarchy/member-rows.ts';
import type { USER_STATUSES, UserFilters } from './contract.ts';

export class UserRow extends Model {
  static override readonly tableName = 'users';

  declare id: string;
  declare email: string;
  declare password_hash: string | null;
  declare is_admin: boolean;
  declare status: (typeof USER_STATUSES)[number];
  declare created_at: Date;
  declare updated_at: Date;
}

/** At most `limit + 1` users, newest first: the extra one tells that there is a next page. */
export async function listUsers(
  unit: Unit,
  filters: UserFilters,
  beforeId: string | undefined,
): Promise<UserRow[]> {
  const query = UserRow.query(unit.trx)
    .orderBy('id', 'desc')
    .limit(filters.limit + 1);
  if (beforeId !== undefined) void query.where('id', '<', beforeId);
  if (filters.status !== undefined) void query.where('status', filters.status);
  if (filters.q !== undefined) void query.where('email', 'like', emailContaining(filters.q));
  return query;
}

/** A LIKE pattern for e-mails, which are kept in lower case. */
export function emailContaining(text: string): string {
  return containing(text.toLowerCase());
}

export async function findUser(unit: Unit, id: string): Promise<UserRow | undefined> {
  return UserRow.query(unit.trx).findById(id);
}

export async function lockUser(unit: Unit, id: string): Promise<UserRow | undefined> {
  return UserRow.query(unit.trx).findById(id).forUpdate();
}

export type UserInsert = Pick<UserRow, 'id' | 'email' | 'password_hash' | 'is_admin' | 'status'>;

export async function insertUser(unit: Unit, user: UserInsert): Promise<UserRow | 'email_taken'> {
  try {
    return await UserRow.query(unit.trx).insert(user).returning('*');
  } catch (error) {
    if (violatedConstraint(error) === 'users_email_key') return 'email_taken';
    throw error;
  }
}

/** The user of this e-mail, registered as invited when there was none. */
export async function findOrInviteUser(
  unit: Unit,
  candidate: { id: string; email: string },
): Promise<UserRow> {
  await UserRow.query(unit.trx)
    .insert({ ...candidate, status: 'invited' })
    .onConflict('email')
    .ignore();
  return UserRow.query(unit.trx).findOne('email', candidate.email).throwIfNotFound();
}

export async function updateUser(
  unit: Unit,
  id: string,
  change: Partial<Pick<UserRow, 'status' | 'is_admin'>> & { updated_at: Date },
): Promise<UserRow> {
  return UserRow.query(unit.trx).patchAndFetchById(id, change).throwIfNotFound();
}

/**
 * Ids of the admins who can sign in, all of them locked, in one order: of two who would each leave
 * the other as the last, one waits for the other.
 */
export async function lockActiveAdmins(unit: Unit): Promise<string[]> {
  const admins = await UserRow.query(unit.trx)
    .where({ is_admin: true, status: 'active' })
    .orderBy('id')
    .select('id')
    .forUpdate();
  return admins.map(({ id }) => id);
}

export async function revokeSessions(unit: Unit, userId: string, at: Date): Promise<void> {
  await unit
    .trx('refresh_sessions')
    .where('user_id', userId)
    .whereNull('revoked_at')
    .update({ revoked_at: at });
}

/** The memberships of the scope's user, in every client. */
export async function membershipsOf(unit: Unit<UserScope>): Promise<MemberRow[]> {
  return MemberRow.query(unit.trx)
    .alias('member')
    .join('roles', 'roles.id', 'member.role_id')
    .where('member.user_id', unit.scope.userId)
    .orderBy('member.client_id')
    .select(
      'member.id',
      'member.client_id',
      'member.role_id',
      'member.reports_to_user_client_id',
      'roles.name as role_name',
      'roles.level as role_level',
    );
}
