import { Model } from 'objection';
import { violatedConstraint } from '../db/errors.ts';
import type { Unit } from '../db/scope.ts';

/** Somebody with an account; auth lets them in, the user daemon's admins look after them. */
export class UserRow extends Model {
  static override readonly tableName = 'users';

  declare id: string;
  declare email: string;
  /** E.164: where messages for whoever works on a lead go. */
  declare phone: string | null;
  declare has_password: boolean;
  declare is_admin: boolean;
  declare status: 'active' | 'invited' | 'disabled';
  /** Its owner redeemed a link that went out by e-mail, or an administrator vouched. */
  declare email_proven: boolean;
  declare has_totp: boolean;
  /** The client whose member invited the account; null for one that came otherwise. */
  declare invited_by_client: string | null;
  declare created_at: Date;
  declare updated_at: Date;
}

/** With the password's hash, which auth alone may read; the user daemon writes a first one. */
export class CredentialsRow extends UserRow {
  declare password_hash: string | null;
}

/** What every query of users names, for `*` would ask for the hash, too. */
export const USER_COLUMNS = [
  'id',
  'email',
  'phone',
  'has_password',
  'is_admin',
  'status',
  'email_proven',
  'has_totp',
  'invited_by_client',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof UserRow)[];

export async function findUser(unit: Unit, id: string): Promise<UserRow | undefined> {
  return UserRow.query(unit.trx)
    .findById(id)
    .select(...USER_COLUMNS);
}

/**
 * The user as of now, until the transaction ends. Whatever touches a user's sessions or password
 * takes this lock first: else a session could be renewed past the revocation of all of them.
 */
export async function lockUser(unit: Unit, id: string): Promise<UserRow | undefined> {
  return UserRow.query(unit.trx)
    .findById(id)
    .select(...USER_COLUMNS)
    .forNoKeyUpdate();
}

export type UserInsert = Pick<
  CredentialsRow,
  'id' | 'email' | 'password_hash' | 'is_admin' | 'status' | 'email_proven' | 'created_at'
> &
  Partial<Pick<CredentialsRow, 'phone'>>;

export async function insertUser(unit: Unit, user: UserInsert): Promise<UserRow | 'email_taken'> {
  try {
    return await CredentialsRow.query(unit.trx)
      .insert({ ...user, updated_at: user.created_at })
      .returning([...USER_COLUMNS]);
  } catch (error) {
    if (violatedConstraint(error) === 'users_email_key') return 'email_taken';
    throw error;
  }
}

export type UserPatch = Partial<
  Pick<
    CredentialsRow,
    'password_hash' | 'status' | 'is_admin' | 'email_proven' | 'has_totp' | 'phone'
  >
>;

/** Changes a user who is there: callers hold the lock. */
export async function updateUser(
  unit: Unit,
  id: string,
  change: UserPatch & { updated_at: Date },
): Promise<UserRow> {
  return CredentialsRow.query(unit.trx)
    .patch(change)
    .where({ id })
    .returning([...USER_COLUMNS])
    .first()
    .throwIfNotFound();
}
