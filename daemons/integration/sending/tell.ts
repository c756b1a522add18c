/**
 * Appends a `delivery.updated` event for each row of `source` (rows of `deliveries`), in the
 * statement that changed them: the timeline and the tail show every state that a delivery took.
 */
export function tellOf(source: string): string {
  return `INSERT INTO events (client_id, lead_id, kind, data)
    SELECT client_id, lead_id, 'delivery.updated', jsonb_strip_nulls(jsonb_build_object(
      'delivery_id', id, 'integration', integration, 'status', status, 'attempt', attempts,
      'code', last_error_code, 'message', last_error_message,
      'provider_reference', provider_reference, 'provider_status', provider_status,
      'next_attempt_at', to_char(next_attempt_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
    FROM ${source}`;
}
