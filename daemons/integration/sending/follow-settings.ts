import type { ClientUnit } from '../../../lib/db/scope.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import type { Integration, LaneName } from '../settings.ts';
import { releaseLanesOf } from './transitions/release-lanes.ts';

/** Makes sure that a lane is there before deliveries point to it. */
export async function ensureLane(
  unit: ClientUnit,
  integration: Integration,
  { laneKey, account }: LaneName,
): Promise<void> {
  await unit.trx.raw(
    `INSERT INTO lanes (lane_key, client_id, integration, account) VALUES (?, ?, ?, ?)
     ON CONFLICT (lane_key) DO NOTHING`,
    [laneKey, unit.scope.clientId, integration, account],
  );
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

/**
 * After its settings were repaired: everything of an integration that has not gone out goes out
 * under the new ones, and its lanes are released. One that may have gone through already stays with
 * its account, and in its sheet, where it can be looked for.
 */
export async function followSettings(
  unit: ClientUnit,
  integration: Integration,
  lane: LaneName,
  version: number,
): Promise<void> {
  await ensureLane(unit, integration, lane);
  // Released first: what is held is told and due again in the lane that it waited in.
  await releaseLanesOf(inUnit(unit), unit.scope.clientId, integration);
  await unit.trx.raw(
    `UPDATE deliveries SET lane_key = :laneKey, settings_version = :version,
       original_version = COALESCE(original_version, settings_version), updated_at = now()
     WHERE client_id = :clientId AND integration = :integration
       AND status IN ('pending', 'retrying', 'held')
       AND (NOT is_doubtful OR (lane_key = :laneKey AND (integration = 'whatsapp' OR EXISTS (
         SELECT FROM client_integration_versions v JOIN client_integration_versions w
           ON w.client_id = v.client_id AND w.version = :version
         WHERE v.client_id = deliveries.client_id AND v.version = deliveries.settings_version
           AND v.settings #>> '{google_sheets,sheet_name}'
             IS NOT DISTINCT FROM w.settings #>> '{google_sheets,sheet_name}'))))`,
    { laneKey: lane.laneKey, version, clientId: unit.scope.clientId, integration },
  );
}
