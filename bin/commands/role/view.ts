import type { Permission, Role } from '../../../daemons/permission/contract.ts';
import type { Column } from '../../ui/columns.ts';

export const roleColumns: readonly Column<Role>[] = [
  { header: 'NAME', value: (row) => row.name, keep: true },
  { header: 'LEVEL', value: (row) => row.level, align: 'right' },
  { header: 'DESCRIPTION', value: (row) => row.description },
  { header: 'AGE', exactHeader: 'CREATED AT', value: (row) => new Date(row.created_at) },
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
];

export const roleView = {
  columns: roleColumns,
  name: (row: Role) => row.name,
  empty: 'No roles yet. Try: leadctl role create manager --level 10',
};

/** As grants are written: `GET /api/clients/{client_id}/leads`. */
export const grantOf = ({ method, path }: Permission): string => `${method} ${path}`;

export const permissionView = {
  columns: [
    { header: 'METHOD', value: (row: Permission) => row.method },
    { header: 'PATH', value: (row: Permission) => row.path, keep: true },
    { header: 'SERVICE', value: (row: Permission) => row.service },
    { header: 'DESCRIPTION', value: (row: Permission) => row.description, wrap: true },
    { header: 'ID', value: (row: Permission) => row.id, id: true, wide: true },
  ] satisfies Column<Permission>[],
  name: grantOf,
};
