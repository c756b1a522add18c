import type { WebhookEvent } from './contract.ts';
import type { WebhookEventRow } from './store.ts';

export function present(row: WebhookEventRow): WebhookEvent {
  return {
    id: row.id,
    object: row.object,
    field: row.field,
    page_id: row.page_id,
    form_id: row.form_id,
    leadgen_id: row.leadgen_id,
    status: row.status,
    attempts: row.attempts,
    last_error:
      row.last_error_code === null
        ? null
        : { code: row.last_error_code, message: row.last_error_message ?? '' },
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    client_id: row.client_id,
    lead_id: row.lead_id,
    received_at: row.received_at.toISOString(),
    processed_at: row.status === 'processed' ? (row.processed_at?.toISOString() ?? null) : null,
  };
}
