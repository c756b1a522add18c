import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import { type Destination } from '../destinations/model.ts';
import { laneOf, placeOf } from '../destinations/lane-name.ts';
import type { Kinds } from '../kinds/kind.ts';
import { ensureLanes } from './lanes-of.ts';
import { releaseLanesOf } from './transitions/release-lanes.ts';

/** A destination under some version of its settings. */
export type UnderSettings = Pick<Destination, 'id' | 'client_id' | 'kind' | 'settings' | 'version'>;

/** Puts deliveries under other settings of their destination and into the lane that these name. */
export async function moveTo(
  unit: ClientUnit,
  kinds: Kinds,
  ids: readonly string[],
  destination: UnderSettings,
): Promise<void> {
  const laneKey = await laneFor(unit, kinds, destination);
  await unit.run(
    `UPDATE deliveries SET lane_key = :laneKey, settings_version = :version,
       original_version = COALESCE(original_version, settings_version)
     WHERE client_id = :clientId AND id = ANY (CAST(:ids AS uuid[]))`,
    { laneKey, version: destination.version, clientId: unit.scope.clientId, ids: [...ids] },
  );
}

/**
 * After its settings were repaired: everything of a destination that has not gone out goes out under the
 * new ones, and its lanes are released. One that may have gone through already stays where it can be
 * looked for.
 */
export async function followSettings(
  unit: ClientUnit,
  kinds: Kinds,
  destination: UnderSettings,
): Promise<void> {
  const laneKey = await laneFor(unit, kinds, destination);
  const { clientId } = unit.scope;
  // Released first: what is held is told and due again in the lane that it waited in.
  await releaseLanesOf(inUnit(unit), clientId, destination.id);
  await unit.run(
    `UPDATE deliveries SET lane_key = :laneKey, settings_version = :version,
       original_version = COALESCE(original_version, settings_version), updated_at = now()
     WHERE client_id = :clientId AND destination_id = :destination
       AND status IN ('pending', 'retrying', 'held')
       AND (NOT is_doubtful OR settings_version = ANY (CAST(:samePlace AS integer[])))`,
    {
      laneKey,
      version: destination.version,
      clientId,
      destination: destination.id,
      samePlace: await versionsOfSamePlace(unit, kinds, destination),
    },
  );
}

/** The lane that a destination sends by under these settings, made where it is not there yet; its key. */
export async function laneFor(unit: ClientUnit, kinds: Kinds, destination: UnderSettings) {
  const { laneKey, account } = laneOf(kinds, destination, destination.settings);
  const { id: destination_id, client_id, kind } = destination;
  await ensureLanes(inUnit(unit), [
    { lane_key: laneKey, client_id, destination_id, kind, account },
  ]);
  return laneKey;
}

const versionRow = z.object({ version: z.int(), settings: z.unknown() });

/** Those of doubtful deliveries, of which the same place is looked through as of now. */
async function versionsOfSamePlace(
  unit: ClientUnit,
  kinds: Kinds,
  { id, kind, settings }: UnderSettings,
): Promise<number[]> {
  const found = await unit.rows(
    versionRow,
    `SELECT v.version, v.settings FROM destination_versions v
     WHERE v.client_id = :clientId AND v.destination_id = :id AND v.version IN (
       SELECT d.settings_version FROM deliveries d
       WHERE d.client_id = :clientId AND d.destination_id = :id AND d.is_doubtful
         AND d.status IN ('pending', 'retrying', 'held'))`,
    { id, clientId: unit.scope.clientId },
  );
  const place = placeOf(kinds, kind, settings);
  return found
    .filter((version) => placeOf(kinds, kind, version.settings) === place)
    .map(({ version }) => version);
}
