import type { RefusalView } from './shapes.ts';
import type { RefusalTotal } from './store.ts';

export function present(row: RefusalTotal): RefusalView {
  return {
    api_key: { id: row.key_id, name: row.key_name, key_prefix: row.key_prefix },
    origin: row.origin === '' ? null : row.origin,
    ip: row.ip === '' ? null : row.ip,
    reason: row.reason,
    count: row.count,
    first_at: row.first_at.toISOString(),
    last_at: row.last_at.toISOString(),
  };
}
