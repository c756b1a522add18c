import type { UserRow } from '../../lib/accounts/users.ts';
import type { User } from './contract.ts';

export function present(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    phone: row.phone,
    is_admin: row.is_admin,
    status: row.status,
    email_proven: row.email_proven,
    has_totp: row.has_totp,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
