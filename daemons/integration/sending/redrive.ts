import type { ClientUnit, Unit } from '../../../lib/db/scope.ts';
import type { Integration, LaneName } from '../settings.ts';
import { OWN_PAUSE_MS } from './settle.ts';
import { tellOf } from './tell.ts';

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

/** Lifts the holds of all the client's lanes of an integration. */
export async function liftHolds(unit: ClientUnit, integration: Integration): Promise<void> {
  await unit.trx.raw(
    `UPDATE lanes SET held_at = NULL, held_code = NULL, held_message = NULL, recheck_at = NULL,
       paused_until = NULL
     WHERE client_id = ? AND integration = ?`,
    [unit.scope.clientId, integration],
  );
}

/**
 * After its settings were repaired: everything of an integration that has not gone out goes out
 * under the new ones, and what was held is due at once. One that may have gone through already
 * stays with its account, and in its sheet, where it can be looked for.
 */
export async function redrive(
  unit: ClientUnit,
  integration: Integration,
  lane: LaneName,
  version: number,
): Promise<void> {
  await ensureLane(unit, integration, lane);
  await liftHolds(unit, integration);
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
  await unit.trx.raw(
    `WITH released AS (
       UPDATE deliveries d SET status = CASE WHEN d.attempts > 0 THEN 'retrying' ELSE 'pending' END,
         next_attempt_at = now(), round_attempts = 0, round_started_at = NULL, updated_at = now()
       WHERE d.client_id = ? AND d.integration = ? AND d.status = 'held'
       RETURNING d.*
     )
     ${tellOf('released')}`,
    [unit.scope.clientId, integration],
  );
}

/**
 * Makes these deliveries due now, as a new round of attempts, and ends a pause of their lanes that
 * we chose ourselves. A longer one was named by the provider, and stands.
 */
export async function startAnew(unit: Unit, ids: readonly string[]): Promise<void> {
  await unit.trx.raw(
    `UPDATE lanes SET paused_until = NULL
     WHERE paused_until <= now() + CAST(? AS double precision) * interval '1 millisecond'
       AND lane_key IN (SELECT lane_key FROM deliveries WHERE id = ANY (CAST(? AS uuid[])))`,
    [OWN_PAUSE_MS, [...ids]],
  );
  await unit.trx.raw(
    `WITH started AS (
       UPDATE deliveries d SET status = CASE WHEN d.attempts > 0 THEN 'retrying' ELSE 'pending' END,
         next_attempt_at = now(), round_attempts = 0, round_started_at = NULL, updated_at = now()
       WHERE d.id = ANY (CAST(? AS uuid[]))
         AND d.status IN ('failed', 'held', 'unknown', 'retrying', 'pending')
       RETURNING d.*
     )
     ${tellOf('started')}`,
    [[...ids]],
  );
}
