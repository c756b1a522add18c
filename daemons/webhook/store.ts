import { Model } from 'objection';
import type { AllClientsScope, Unit } from '../../lib/db/scope.ts';
import type { WebhookEvent } from './contract.ts';

export class WebhookEventRow extends Model {
  static override readonly tableName = 'webhook_events';

  declare id: string;
  declare client_id: string | null;
  declare object: string;
  declare field: string;
  declare page_id: string | null;
  declare form_id: string | null;
  declare leadgen_id: string | null;
  declare status: WebhookEvent['status'];
  declare attempts: number;
  declare next_attempt_at: Date | null;
  declare last_error_code: string | null;
  declare last_error_message: string | null;
  declare lead_id: string | null;
  declare received_at: Date;
  declare processed_at: Date | null;
}

/** At most `limit + 1` events, newest first: the extra one tells that there is a next page. */
export async function listEvents(
  unit: Unit<AllClientsScope>,
  filters: { status?: WebhookEvent['status'] | undefined; limit: number },
  beforeId: string | undefined,
): Promise<WebhookEventRow[]> {
  const query = WebhookEventRow.query(unit.trx)
    .orderBy('id', 'desc')
    .limit(filters.limit + 1);
  if (filters.status !== undefined) void query.where('status', filters.status);
  if (beforeId !== undefined) void query.where('id', '<', beforeId);
  return query;
}
