import type { UserRow } from '../../lib/accounts/users.ts';
import type { User } from './contract.ts';

export function presentUser(row: UserRow, status: User['status'] = row.status): User {
  return { id: row.id, email: row.email, is_admin: row.is_admin, status };
}
