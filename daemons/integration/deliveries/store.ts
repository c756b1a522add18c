import { Model, raw } from 'objection';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type { DeliveryFilters, DeliveryStatus, Outcome } from './shapes.ts';
import { leadsInScope } from '../../../lib/hierarchy/scope.ts';
import { isShownAs, SHOWN_COLUMNS } from './shown.ts';

export class DeliveryRow extends Model {
  static override readonly tableName = 'deliveries';

  declare id: string;
  declare client_id: string;
  declare lead_id: string;
  declare destination_id: string;
  declare destination_name: string;
  declare destination_removed_at: Date | null;
  declare kind: string;
  declare occasion: string;
  declare lane_key: string;
  declare settings_version: number;
  declare original_version: number | null;
  declare status: DeliveryStatus;
  declare attempts: number;
  declare next_attempt_at: Date | null;
  declare last_error_code: string | null;
  declare last_error_message: string | null;
  declare provider_reference: string | null;
  declare provider_status: string | null;
  declare created_at: Date;
  declare updated_at: Date;
  declare delivered_at: Date | null;
}

export class AttemptRow extends Model {
  static override readonly tableName = 'delivery_attempts';
  static override readonly jsonAttributes = ['request'];

  declare client_id: string;
  declare delivery_id: string;
  declare number: number;
  declare started_at: Date;
  declare finished_at: Date | null;
  declare duration_ms: number | null;
  declare outcome: Outcome | null;
  declare code: string | null;
  declare message: string | null;
  declare request: unknown;
}

/** The client's deliveries that the actor may see, as they are shown; every query of deliveries starts here. */
export function deliveriesOf(unit: ClientUnit, actor: UserIdentity) {
  const scope = leadsInScope(actor);
  return DeliveryRow.query(unit.trx)
    .select(
      'deliveries.*',
      'destinations.name as destination_name',
      'destinations.removed_at as destination_removed_at',
      raw(SHOWN_COLUMNS),
    )
    .joinRaw(
      `JOIN leads ON leads.client_id = deliveries.client_id AND leads.id = deliveries.lead_id
       JOIN lanes ON lanes.client_id = deliveries.client_id AND lanes.lane_key = deliveries.lane_key
       JOIN destinations ON destinations.client_id = deliveries.client_id
         AND destinations.id = deliveries.destination_id`,
    )
    .where('deliveries.client_id', unit.scope.clientId)
    .whereRaw(scope.sql, [...scope.bindings]);
}

/** Of the destination with this name or id. */
export function isOf(destination: string): [sql: string, bindings: string[]] {
  return [
    '(destinations.name = ? OR CAST(destinations.id AS text) = ?)',
    [destination, destination],
  ];
}

/** At most `limit + 1`, newest first. */
export async function listDeliveries(
  unit: ClientUnit,
  actor: UserIdentity,
  filters: DeliveryFilters,
  beforeId: string | undefined,
): Promise<DeliveryRow[]> {
  const query = deliveriesOf(unit, actor)
    .orderBy('deliveries.id', 'desc')
    .limit(filters.limit + 1);
  if (beforeId !== undefined) void query.where('deliveries.id', '<', beforeId);
  if (filters.lead_id !== undefined) void query.where('deliveries.lead_id', filters.lead_id);
  if (filters.status !== undefined) void query.whereRaw(isShownAs(filters.status));
  if (filters.integration !== undefined) {
    void query.where('deliveries.kind', filters.integration);
  }
  if (filters.destination !== undefined) void query.whereRaw(...isOf(filters.destination));
  return query;
}

export async function findDelivery(
  unit: ClientUnit,
  actor: UserIdentity,
  id: string,
): Promise<DeliveryRow | undefined> {
  return deliveriesOf(unit, actor).where('deliveries.id', id).first();
}

/** As findDelivery, and no worker takes it until the transaction ends. */
export async function lockDelivery(
  unit: ClientUnit,
  actor: UserIdentity,
  id: string,
): Promise<DeliveryRow | undefined> {
  const [locked] = await lockThose(unit, deliveriesOf(unit, actor).where('deliveries.id', id));
  return locked && findDelivery(unit, actor, id);
}

export async function listAttempts(unit: ClientUnit, deliveryId: string): Promise<AttemptRow[]> {
  return AttemptRow.query(unit.trx)
    .where({ client_id: unit.scope.clientId, delivery_id: deliveryId })
    .orderBy('number');
}

/** Locks the deliveries alone, and not the leads that say whose they are; their rows as they are kept. */
export function lockThose(unit: ClientUnit, which: ReturnType<typeof deliveriesOf>) {
  return DeliveryRow.query(unit.trx)
    .where('client_id', unit.scope.clientId)
    .whereIn('id', which.clearSelect().select('deliveries.id'))
    .orderBy('id')
    .forUpdate();
}
