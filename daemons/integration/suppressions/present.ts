import type { Suppression } from './shapes.ts';
import type { SuppressionRow } from './store.ts';

export function present(row: SuppressionRow): Suppression {
  return {
    id: row.id,
    client_id: row.client_id,
    channel: row.channel,
    address: row.address,
    reason: row.reason,
    made_by: row.made_by,
    created_at: row.created_at.toISOString(),
  };
}
