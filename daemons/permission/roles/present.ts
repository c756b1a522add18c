import type { Role } from '../contract.ts';
import type { RoleRow } from './store.ts';

export function present(row: RoleRow): Role {
  return {
    id: row.id,
    name: row.name,
    level: row.level,
    description: row.description,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
