import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { deliverySettings, type DeliverySettings } from '../settings.ts';
import type { Replay } from './shapes.ts';
import { deliveriesOf, lockThose, type DeliveryRow } from './store.ts';

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
