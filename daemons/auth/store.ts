import { UserRow } from '../../lib/accounts/users.ts';
import type { Unit } from '../../lib/db/scope.ts';

export async function findUserByEmail(unit: Unit, email: string): Promise<UserRow | undefined> {
  return UserRow.query(unit.trx).findOne({ email });
}
