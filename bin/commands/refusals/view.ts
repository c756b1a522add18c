import type { RefusalView } from '../../../daemons/lead/contract.ts';
import type { Column } from '../../ui/columns.ts';

const columns: readonly Column<RefusalView>[] = [
  { header: 'COUNT', value: (row) => row.count, align: 'right', keep: true },
  { header: 'REASON', value: (row) => row.reason, keep: true },
  { header: 'KEY', value: (row) => row.api_key.name },
  { header: 'ORIGIN', value: (row) => row.origin },
  { header: 'ADDRESS', value: (row) => row.ip ?? 'many' },
  { header: 'LAST', exactHeader: 'LAST AT', value: (row) => new Date(row.last_at) },
  { header: 'FIRST AT', value: (row) => new Date(row.first_at), wide: true },
  { header: 'KEY PREFIX', value: (row) => row.api_key.key_prefix, wide: true },
  { header: 'KEY ID', value: (row) => row.api_key.id, wide: true },
];

export const refusalView = {
  columns,
  name: ({ reason }: RefusalView) => reason,
  empty: 'Nothing was refused.',
};
