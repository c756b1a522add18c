import type { AuditEntryView } from './shapes.ts';
import type { AuditRow } from './store.ts';

export function present(row: AuditRow): AuditEntryView {
  return {
    id: row.id,
    at: row.at.toISOString(),
    client_id: row.client_id,
    actor_kind: row.actor_kind,
    actor_id: row.actor_id,
    action: row.action,
    target_kind: row.target_kind,
    target_id: row.target_id,
    request_id: row.request_id,
    ip: row.ip,
    detail: row.detail,
  };
}
