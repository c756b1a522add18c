import { raw } from 'objection';
import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { deliverySettings, type DeliverySettings } from '../settings.ts';
import type { Replay } from './shapes.ts';
import { isShownAs, SHOWN_CODE, SHOWN_MESSAGE } from './shown.ts';
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
  const statuses = which.status === undefined ? (['failed', 'held'] as const) : [which.status];
  const query = deliveriesOf(unit, actor).whereRaw(
    `(${statuses.map((status) => `(${isShownAs(status)})`).join(' OR ')})`,
  );
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
      raw(`${SHOWN_CODE} AS code`),
      raw(`${SHOWN_MESSAGE} AS message`),
    )
    .count('* as count')
    // By their places: the names alone would be those of columns.
    .groupByRaw('1, 2, 3')
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
