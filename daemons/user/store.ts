import { USER_COLUMNS, UserRow } from '../../lib/accounts/users.ts';
import { containing } from '../../lib/db/like.ts';
import type { Unit } from '../../lib/db/scope.ts';
import type { UserFilters } from './contract.ts';

/** At most `limit + 1` users, newest first: the extra one tells that there is a next page. */
export async function listUsers(
  unit: Unit,
  filters: UserFilters,
  beforeId: string | undefined,
): Promise<UserRow[]> {
  const query = UserRow.query(unit.trx)
    .select(...USER_COLUMNS)
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

/** The user of this e-mail, registered as invited when there was none. */
export async function findOrInviteUser(
  unit: Unit,
  candidate: { id: string; email: string; invited_by_client: string },
): Promise<UserRow> {
  await UserRow.query(unit.trx)
    .insert({ ...candidate, status: 'invited' })
    .onConflict('email')
    .ignore();
  return UserRow.query(unit.trx)
    .findOne('email', candidate.email)
    .select(...USER_COLUMNS)
    .throwIfNotFound();
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
