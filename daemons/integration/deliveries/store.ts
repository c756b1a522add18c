import { Model } from 'objection';
import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type { DeliveryFilters, Replay } from './shapes.ts';
import type { DeliveryStatus } from '../sending/model.ts';
import { deliveriesInScope } from '../policy.ts';
import { deliverySettings, type DeliverySettings, type Integration } from '../settings.ts';

export class DeliveryRow extends Model {
  static override readonly tableName = 'deliveries';

  declare id: string;
  declare client_id: string;
  declare lead_id: string;
  declare integration: Integration;
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
  declare outcome: 'delivered' | 'retry' | 'unknown' | 'failed' | 'held' | null;
  declare code: string | null;
  declare message: string | null;
  declare request: unknown;
}

/** The client's deliveries that the actor may see; every query of deliveries starts here. */
function deliveriesOf(unit: ClientUnit, actor: UserIdentity) {
  const scope = deliveriesInScope(actor);
  return DeliveryRow.query(unit.trx)
    .select('deliveries.*')
    .joinRaw(
      'JOIN leads ON leads.client_id = deliveries.client_id AND leads.id = deliveries.lead_id',
    )
    .where('deliveries.client_id', unit.scope.clientId)
    .whereRaw(scope.sql, [...scope.bindings]);
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
  if (filters.status !== undefined) void query.where('deliveries.status', filters.status);
  if (filters.integration !== undefined) {
    void query.where('deliveries.integration', filters.integration);
  }
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
  const one = deliveriesOf(unit, actor).where('deliveries.id', id);
  return lockThose(unit, one).first();
}

export async function listAttempts(unit: ClientUnit, deliveryId: string): Promise<AttemptRow[]> {
  return AttemptRow.query(unit.trx)
    .where({ client_id: unit.scope.clientId, delivery_id: deliveryId })
    .orderBy('number');
}

/** More are left for the next replay, so that one never outlasts a statement's time. */
const MOST_REPLAYED = 20_000;

/** Those that a replay is about, locked, the oldest first. */
export async function lockReplayable(
  unit: ClientUnit,
  actor: UserIdentity,
  which: Replay,
): Promise<DeliveryRow[]> {
  return lockThose(unit, matching(unit, actor, which)).limit(MOST_REPLAYED);
}

/** Locks the deliveries alone, and not the leads that say whose they are. */
function lockThose(unit: ClientUnit, which: ReturnType<typeof deliveriesOf>) {
  return DeliveryRow.query(unit.trx)
    .where('client_id', unit.scope.clientId)
    .whereIn('id', which.clearSelect().select('deliveries.id'))
    .orderBy('id')
    .forUpdate();
}

function matching(unit: ClientUnit, actor: UserIdentity, which: Replay) {
  const statuses = which.status === undefined ? ['failed', 'held'] : [which.status];
  const query = deliveriesOf(unit, actor).whereIn('deliveries.status', statuses);
  if (which.integration !== undefined) {
    void query.where('deliveries.integration', which.integration);
  }
  if (which.since !== undefined) void query.where('deliveries.created_at', '>=', which.since);
  if (which.until !== undefined) void query.where('deliveries.created_at', '<', which.until);
  return query;
}

const groupRow = z.object({
  integration: z.enum(['whatsapp', 'google_sheets']),
  code: z.string().nullable(),
  message: z.string().nullable(),
  count: z.coerce.number(),
});
export type ErrorGroup = z.output<typeof groupRow>;

const MOST_GROUPS = 200;

/** How many of what kind of error a replay is about, the most frequent first. */
export async function groupByError(
  unit: ClientUnit,
  actor: UserIdentity,
  which: Replay,
): Promise<ErrorGroup[]> {
  const rows = await matching(unit, actor, which)
    .clearSelect()
    .select(
      'deliveries.integration',
      'deliveries.last_error_code as code',
      'deliveries.last_error_message as message',
    )
    .count('* as count')
    .groupBy(
      'deliveries.integration',
      'deliveries.last_error_code',
      'deliveries.last_error_message',
    )
    .orderBy('count', 'desc')
    .limit(MOST_GROUPS);
  return rows.map((row) => groupRow.parse(row.toJSON()));
}

export interface SettingsVersion {
  readonly version: number;
  readonly settings: DeliverySettings;
}

const versionRow = z.object({ version: z.int(), settings: deliverySettings });

export async function findVersions(
  unit: ClientUnit,
  versions: readonly number[],
): Promise<SettingsVersion[]> {
  const rows: unknown[] = await unit
    .trx('client_integration_versions')
    .where('client_id', unit.scope.clientId)
    .whereIn('version', [...versions])
    .select('version', 'settings');
  return rows.map((row) => versionRow.parse(row));
}

/** Puts deliveries under other settings and into the lane that these name. */
export async function moveTo(
  unit: ClientUnit,
  ids: readonly string[],
  laneKey: string,
  version: number,
): Promise<void> {
  await unit.trx.raw(
    `UPDATE deliveries SET lane_key = :laneKey, settings_version = :version,
       original_version = COALESCE(original_version, settings_version)
     WHERE client_id = :clientId AND id = ANY (CAST(:ids AS uuid[]))`,
    { laneKey, version, clientId: unit.scope.clientId, ids: [...ids] },
  );
}
