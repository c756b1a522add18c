import type { MachineToken, MachineTokenWithSecret } from '../../../daemons/permission/contract.ts';
import type { Column } from '../../ui/columns.ts';

const columns = (now: Date): readonly Column<MachineToken>[] => [
  { header: 'NAME', value: (row) => row.name, keep: true },
  { header: 'CLIENT', value: (row) => row.client_id },
  { header: 'ACTS AS', value: actsAs },
  { header: 'TOKEN', value: (row) => `${row.token_prefix}…` },
  { header: 'LAST USED', value: (row) => date(row.last_used_at) },
  { header: 'STATE', value: (row) => stateOf(row, now) },
  { header: 'CREATED', value: (row) => date(row.created_at), wide: true },
  { header: 'EXPIRES', value: (row) => date(row.expires_at), wide: true },
  { header: 'REVOKED', value: (row) => date(row.revoked_at), wide: true },
  { header: 'ID', value: (row) => row.id, id: true, wide: true },
];

export const tokenView = (now: Date) => ({
  columns: columns(now),
  name: (row: MachineToken) => row.id,
  empty: 'No machine tokens yet. Try: leadctl token create ci',
});

/** `-o name` prints the token alone: it is what one pipes on. */
export const newTokenView = {
  columns: [
    { header: 'NAME', value: (row: MachineTokenWithSecret) => row.name },
    { header: 'TOKEN', value: (row: MachineTokenWithSecret) => row.token, keep: true },
    { header: 'ACTS AS', value: actsAs },
    { header: 'EXPIRES', value: (row: MachineTokenWithSecret) => date(row.expires_at) },
    { header: 'ID', value: (row: MachineTokenWithSecret) => row.id, id: true },
  ] satisfies Column<MachineTokenWithSecret>[],
  name: (row: MachineTokenWithSecret) => row.token,
};

function actsAs({ client_id, role }: MachineToken): string | null {
  return client_id === null ? 'administrator' : (role?.name ?? null);
}

function stateOf({ revoked_at, expires_at }: MachineToken, now: Date): string {
  if (revoked_at !== null) return 'revoked';
  if (expires_at === null) return 'alive';
  return new Date(expires_at) <= now ? 'expired' : 'ends';
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
