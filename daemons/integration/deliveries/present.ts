import type { Delivery, DeliveryWithAttempts, Replayed } from './shapes.ts';
import type { ErrorGroup } from './replay-store.ts';
import type { AttemptRow, DeliveryRow } from './store.ts';

export function present(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    client_id: row.client_id,
    lead_id: row.lead_id,
    integration: row.kind,
    destination: { id: row.destination_id, name: row.destination_name, kind: row.kind },
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

export function presentGroup({
  destination_id: id,
  destination_name: name,
  kind,
  ...rest
}: ErrorGroup): Replayed['groups'][number] {
  return { integration: kind, destination: { id, name, kind }, ...rest };
}
