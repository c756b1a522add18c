import type { Invitation, User } from '../../../daemons/user/contract.ts';
import type { Column } from '../../ui/columns.ts';

export type ShownUser = User & {
  readonly invitation?: Invitation | undefined;
  readonly memberships?: readonly {
    readonly client_id: string;
    readonly role: { readonly name: string };
  }[];
};

const columns: readonly Column<ShownUser>[] = [
  { header: 'EMAIL', value: (row) => row.email, keep: true },
  { header: 'STATUS', value: (row) => row.status },
  { header: 'ADMIN', value: (row) => row.is_admin },
  { header: 'PROVEN', value: (row) => row.email_proven, wide: true },
  { header: 'PHONE', value: (row) => row.phone, wide: true },
  { header: 'AGE', exactHeader: 'CREATED AT', value: (row) => new Date(row.created_at) },
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
];

export const memberships: Column<ShownUser> = {
  header: 'MEMBER OF',
  value: (row) =>
    row.memberships?.map(({ client_id, role }) => `${client_id} (${role.name})`).join(', ') || null,
};

export const userView = {
  columns,
  name: (row: ShownUser) => row.email,
  empty: 'No users found. Try: leadctl user create you@example.com',
};
