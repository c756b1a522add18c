import type { ClientView } from '../../../daemons/client/contract.ts';
import type { Column } from '../../ui/columns.ts';

const columns: readonly Column<ClientView>[] = [
  { header: 'CLIENT', value: (row) => row.client_id, keep: true },
  { header: 'NAME', value: (row) => row.name },
  { header: 'STATUS', value: (row) => row.status },
  { header: 'COUNTRY', value: (row) => row.default_country },
  { header: 'AGE', exactHeader: 'CREATED AT', value: (row) => new Date(row.created_at) },
  { header: 'UPDATED', value: (row) => new Date(row.updated_at), wide: true },
];

export const clientView = {
  columns,
  name: (row: ClientView) => row.client_id,
  empty: 'No clients yet. Try: leadctl client create acme --name Acme',
};
