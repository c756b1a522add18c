import { raw } from 'objection';
import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type { Replay } from './shapes.ts';
import { isShownAs, SHOWN_CODE, SHOWN_MESSAGE } from './shown.ts';
import { deliveriesOf, isOf, lockThose, type DeliveryRow } from './store.ts';

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
  const query = deliveriesOf(unit, actor)
    .whereRaw(`(${statuses.map((status) => `(${isShownAs(status)})`).join(' OR ')})`)
    // One that was removed is sent nothing.
    .whereNull('destinations.removed_at');
  if (which.integration !== undefined) {
    void query.where('deliveries.kind', which.integration);
  }
  if (which.destination !== undefined) void query.whereRaw(...isOf(which.destination));
  if (which.since !== undefined) void query.where('deliveries.created_at', '>=', which.since);
  if (which.until !== undefined) void query.where('deliveries.created_at', '<', which.until);
  return query;
}

const groupRow = z.object({
  destination_id: z.string(),
  destination_name: z.string(),
  kind: z.string(),
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
      'deliveries.destination_id',
      'destinations.name as destination_name',
      'deliveries.kind',
      raw(`${SHOWN_CODE} AS code`),
      raw(`${SHOWN_MESSAGE} AS message`),
    )
    .count('* as count')
    // By their places: the names alone would be those of columns.
    .groupByRaw('1, 2, 3, 4, 5')
    .orderBy('count', 'desc')
    .limit(MOST_GROUPS);
  return rows.map((row) => groupRow.parse(row.toJSON()));
}

export interface SettingsVersion {
  readonly destination_id: string;
  readonly version: number;
  readonly settings: Readonly<Record<string, unknown>>;
}

const versionRow = z.object({
  destination_id: z.string(),
  version: z.int(),
  settings: z.record(z.string(), z.unknown()),
});

/** These versions of these destinations; `version` null: the one of now. */
export async function findVersions(
  unit: ClientUnit,
  wanted: readonly { readonly destination_id: string; readonly version: number | null }[],
): Promise<SettingsVersion[]> {
  return unit.rows(
    versionRow,
    `SELECT DISTINCT v.destination_id, v.version, v.settings
     FROM jsonb_to_recordset(CAST(:wanted AS jsonb)) AS w(destination_id uuid, version integer)
     JOIN destinations t ON t.client_id = :clientId AND t.id = w.destination_id
     JOIN destination_versions v ON v.client_id = t.client_id AND v.destination_id = t.id
       AND v.version = COALESCE(w.version, t.version)`,
    { wanted: JSON.stringify(wanted), clientId: unit.scope.clientId },
  );
}
