import type { Delivery, DeliveryWithAttempts } from './shapes.ts';
import type { AttemptRow, DeliveryRow } from './store.ts';

export function present(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    client_id: row.client_id,
    lead_id: row.lead_id,
    integration: row.integration,
    occasion: row.occasion,
    status: row.status,
    attempts: row.attempts,
    last_error:
      row.last_error_code === null
        ? null
        : { code: row.last_error_code, message: row.last_error_message ?? '' },
    next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
    provider_reference: row.provider_reference,
    provider_status: row.provider_status,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    delivered_at: row.delivered_at?.toISOString() ?? null,
  };
}

export function presentAttempt(row: AttemptRow): DeliveryWithAttempts['attempt_log'][number] {
  return {
    number: row.number,
    started_at: row.started_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    duration_ms: row.duration_ms,
    outcome: row.outcome,
    code: row.code,
    message: row.message,
    request: row.request,
  };
}
