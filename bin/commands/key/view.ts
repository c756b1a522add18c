import type { ApiKey } from '../../../daemons/lead/contract.ts';
import type { Column } from '../../ui/columns.ts';

const columns = (now: Date): readonly Column<ApiKey>[] => [
  { header: 'NAME', value: (row) => row.name, keep: true },
  { header: 'KEY', value: (row) => `${row.key_prefix}…` },
  { header: 'SCOPES', value: (row) => row.scopes.join(',') },
  { header: 'AGE', exactHeader: 'CREATED AT', value: (row) => new Date(row.created_at) },
  { header: 'LAST USED', value: (row) => date(row.last_used_at) },
  { header: 'STATE', value: (row) => stateOf(row, now) },
  { header: 'ORIGINS', value: (row) => row.allowed_origins.join(',') || null, wide: true },
  { header: 'PER MINUTE', value: (row) => row.rate_limit_per_minute, wide: true },
  { header: 'EXPIRES', value: (row) => date(row.expires_at), wide: true },
  { header: 'REVOKED', value: (row) => date(row.revoked_at), wide: true },
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
];

export const keyView = (now: Date) => ({
  columns: columns(now),
  name: (row: ApiKey) => row.id,
  empty: 'No API keys yet. Try: leadctl key create website',
});

export type NewKey = ApiKey & { readonly key: string };

/** `-o name` prints the key alone: it is what one pipes on. */
export const newKeyView = {
  columns: [
    { header: 'NAME', value: (row: NewKey) => row.name },
    { header: 'KEY', value: (row: NewKey) => row.key, keep: true },
    { header: 'SCOPES', value: (row: NewKey) => row.scopes.join(',') },
    { header: 'EXPIRES', value: (row: NewKey) => date(row.expires_at) },
    { header: 'ID', value: (row: NewKey) => row.id, id: true },
  ] satisfies Column<NewKey>[],
  name: (row: NewKey) => row.key,
};

export function stateOf({ revoked_at, expires_at }: ApiKey, now: Date): string {
  if (revoked_at !== null) return 'revoked';
  if (expires_at === null) return 'alive';
  return new Date(expires_at) <= now ? 'expired' : 'ends';
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
