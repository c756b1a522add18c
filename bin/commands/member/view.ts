import type { Member } from '../../../lib/hierarchy/member.ts';
import type { Column } from '../../ui/columns.ts';

/** With what tells more than an id: the manager's e-mail. */
export type ShownMember = Member & { readonly reports_to?: string | null };

const columns: readonly Column<ShownMember>[] = [
  { header: 'EMAIL', value: (row) => row.email, keep: true },
  { header: 'STATUS', value: (row) => row.user_status, keep: true },
  { header: 'ROLE', value: (row) => row.role.name },
  { header: 'LEVEL', value: (row) => row.role.level, align: 'right' },
  {
    header: 'REPORTS TO',
    value: ({ reports_to, reports_to_user_client_id: id }) => reports_to ?? id,
  },
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
  { header: 'USER', value: (row) => row.user_id, id: true, wide: true },
];

export const memberView = {
  columns,
  name: (row: Member) => row.id,
  empty: 'No members yet. Try: leadctl member add rep@acme.example --role rep',
};

/** Managers by e-mail where they are among the members shown. */
export function withManagers(members: readonly Member[]): ShownMember[] {
  const emails = new Map(members.map(({ id, email }) => [id, email]));
  return members.map((member) => {
    const { reports_to_user_client_id: manager } = member;
    const reports_to = manager === null ? null : (emails.get(manager) ?? manager);
    return { ...member, reports_to };
  });
}
