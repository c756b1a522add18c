import { CredentialsRow, USER_COLUMNS } from '../../lib/accounts/users.ts';
import type { Unit } from '../../lib/db/scope.ts';

export async function findUserByEmail(
  unit: Unit,
  email: string,
): Promise<CredentialsRow | undefined> {
  return credentials(unit).findOne({ email });
}

export async function findCredentials(unit: Unit, id: string): Promise<CredentialsRow | undefined> {
  return credentials(unit).findById(id);
}

/** As `lockUser`, with the hash. */
export async function lockCredentials(unit: Unit, id: string): Promise<CredentialsRow | undefined> {
  return credentials(unit).findById(id).forNoKeyUpdate();
}

function credentials(unit: Unit) {
  return CredentialsRow.query(unit.trx).select(...USER_COLUMNS, 'password_hash');
}
