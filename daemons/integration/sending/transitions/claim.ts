import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { claiming } from '../../../../lib/queue/claim.ts';
import { due } from '../../../../lib/queue/table.ts';
import { LEASE_MS } from '../lanes.ts';
import { claimedDelivery, type ClaimedDelivery } from '../model.ts';
import { LOST_ALONE } from './sql.ts';
import { DELIVERIES } from './table.ts';

export interface Claim {
  readonly deliveries: readonly ClaimedDelivery[];
  /** Claimed as well, and not to be read by this version: stored by another one, or by hand. */
  readonly unreadable: readonly { readonly id: string; readonly attempt: number }[];
}

/** In a lane that is held only those that a person told to try it. */
const IN_LANE = `d.lane_key = $1
  AND EXISTS (SELECT FROM lanes l WHERE l.lane_key = $1 AND l.lease = $2 AND l.leased_until > now()
    AND (l.paused_until IS NULL OR l.paused_until <= now()))
  AND (d.is_trial OR EXISTS (SELECT FROM lanes l WHERE l.lane_key = $1 AND l.held_at IS NULL))`;

/**
 * The lane's row is asked again in the same statement, because the lease may have been lost since the last
 * claim. When the oldest one has lost its workers before it is claimed alone, and otherwise none of that
 * kind is.
 */
const CLAIM: Statement<{ id: string; attempt: number }> = {
  name: 'claim-deliveries',
  text: `
    WITH oldest AS (
      SELECT d.losses >= ${LOST_ALONE} AS is_alone FROM deliveries d
      WHERE ${due(DELIVERIES)} AND ${IN_LANE} ORDER BY d.next_attempt_at, d.id LIMIT 1
    ), ${claiming(DELIVERIES, {
      where: `${IN_LANE} AND (d.losses >= ${LOST_ALONE}) = (SELECT is_alone FROM oldest)`,
      limit: '(SELECT CASE WHEN is_alone THEN 1 ELSE CAST($3 AS integer) END FROM oldest)',
      lease: '$2',
      leaseMs: '$4',
      also: `, provider_status = NULL, provider_reference = NULL, is_begun = false, recipient = NULL,
        updated_at = now()`,
    })}, attempted AS (
      INSERT INTO delivery_attempts (client_id, delivery_id, number)
      SELECT client_id, id, attempts FROM claimed
    )
    SELECT c.id, c.attempts AS attempt, c.round_attempts AS round_attempt, c.is_doubtful, c.occasion,
      c.settings_version,
      EXTRACT(EPOCH FROM now() - c.round_started_at) * 1000 AS round_age_ms, v.settings,
      jsonb_build_object('id', l.id, 'name', l.name, 'email', l.email, 'phone', l.phone,
        'phone_valid', l.phone_valid, 'source', l.source, 'status', l.status, 'product', p.name,
        'lead_reference_id', l.lead_reference_id, 'created_at', l.created_at,
        'is_erased', l.erased_at IS NOT NULL) AS lead,
      CAST(l.raw_payload AS text) AS payload
    FROM claimed c
    JOIN leads l ON l.client_id = c.client_id AND l.id = c.lead_id
    JOIN destination_versions v
      ON v.client_id = c.client_id AND v.destination_id = c.destination_id AND v.version = c.settings_version
    LEFT JOIN products p ON p.id = l.product_id
    ORDER BY l.id`,
  row: z.looseObject({ id: z.string(), attempt: z.int() }),
};

/** Takes up to `limit` due deliveries of a lane that `lease` holds, oldest first; the attempt counts from here. */
export async function claim(
  run: RunStatement,
  laneKey: string,
  lease: string,
  limit: number,
): Promise<Claim> {
  const rows = await run(CLAIM, [laneKey, lease, limit, LEASE_MS]);
  // Row by row: one that cannot be read must not keep the others of its claim.
  const read = rows.map((row) => ({ row, parsed: claimedDelivery.safeParse(row) }));
  return {
    deliveries: read.flatMap(({ parsed }) => (parsed.success ? [parsed.data] : [])),
    unreadable: read.flatMap(({ row, parsed }) => (parsed.success ? [] : [row])),
  };
}
