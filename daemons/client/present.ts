import type { ClientView } from './contract.ts';
import type { ClientRow } from './store.ts';

export function present(row: ClientRow): ClientView {
  return {
    client_id: row.client_id,
    name: row.name,
    status: row.status,
    default_country: row.default_country,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
