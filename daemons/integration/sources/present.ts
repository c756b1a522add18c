import type { MetaSource } from './shapes.ts';
import type { MetaSourceRow } from './store.ts';

export function present(row: MetaSourceRow): MetaSource {
  return {
    id: row.id,
    client_id: row.client_id,
    page_id: row.page_id,
    form_id: row.form_id,
    reconciled_until: row.reconciled_until?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  };
}
