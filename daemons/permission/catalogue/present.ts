import type { Permission } from '../contract.ts';
import type { PermissionRow } from './store.ts';

export function presentPermission(row: PermissionRow): Permission {
  return {
    id: row.id,
    method: row.method,
    path: row.path,
    description: row.description,
    service: row.service,
    reach: row.reach,
  };
}
