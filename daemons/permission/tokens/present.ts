import type { MachineToken } from './shapes.ts';
import type { TokenRow } from './store.ts';

export function presentToken(row: TokenRow): MachineToken {
  const { role_id: id, role_name: name, role_level: level } = row;
  return {
    id: row.id,
    name: row.name,
    client_id: row.client_id,
    role: id !== null && name != null && level != null ? { id, name, level: String(level) } : null,
    token_prefix: row.token_prefix,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
