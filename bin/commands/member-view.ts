import type { Member } from '../../lib/hierarchy/member.ts';
import type { Column } from '../ui/columns.ts';

const columns: readonly Column<Member>[] = [
  { header: 'EMAIL', value: (row) => row.email, keep: true },
  { header: 'ROLE', value: (row) => row.role.name },
  { header: 'LEVEL', value: (row) => row.role.level, align: 'right' },
  { header: 'ID', value: (row) => row.id },
  { header: 'REPORTS TO', value: (row) => row.reports_to_user_client_id, wide: true },
  { header: 'USER', value: (row) => row.user_id, wide: true },
];

export const memberView = {
  columns,
  name: (row: Member) => row.id,
  empty: 'No members yet. Try: leadctl member add rep@acme.example --role rep',
};
