import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { ensureLane, moveTo } from '../sending/follow-settings.ts';
import { laneOf } from '../settings.ts';
import { findIntegrations } from '../store.ts';
import { findVersions } from './replay-store.ts';
import type { DeliveryRow } from './store.ts';

/**
 * Puts deliveries under the settings of now, or back under those that each was made under. One that
 * may have gone through to another account is then sent to this one: whoever replays it wants that.
 */
export async function putUnder(
  unit: ClientUnit,
  rows: readonly DeliveryRow[],
  which: 'current' | 'original',
): Promise<Failure | undefined> {
  const { version: current } = await findIntegrations(unit);
  const versionOf = (row: DeliveryRow) =>
    which === 'current' ? current : (row.original_version ?? row.settings_version);
  const versions = await findVersions(unit, [...new Set(rows.map(versionOf))]);
  const settingsOf = new Map(versions.map(({ version, settings }) => [version, settings]));
  const groups = Map.groupBy(rows, (row) => `${versionOf(row)} ${row.integration}`);
  for (const group of groups.values()) {
    const [first] = group;
    const settings = first && settingsOf.get(versionOf(first));
    if (first === undefined || settings === undefined) {
      return fail('conflict', 'The client has no settings to replay under; set them first.');
    }
    const lane = laneOf(unit.scope.clientId, first.integration, settings);
    await ensureLane(unit, first.integration, lane);
    const ids = group.map(({ id }) => id);
    await moveTo(unit, ids, lane.laneKey, versionOf(first));
  }
  return undefined;
}
