import { z } from 'zod';
import type { Execute } from './execute.ts';
import { LEASE_MS } from './ledger.ts';
import { laneRow, type Lane } from './model.ts';
import { tellOf } from './tell.ts';

export interface Hold {
  readonly code: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** When the provider may have lifted it by itself. */
  readonly recheckAfterMs: number | null;
}

/** Lanes: who works on one, until when it waits, and whether it is held. */
export interface LaneStore {
  /** The lane, leased; undefined when another has it, or it waits, is held or its client is not active. */
  acquire(laneKey: string, lease: string): Promise<Lane | undefined>;
  /** Keeps the lease and those of its deliveries; false when it was lost. */
  extend(laneKey: string, lease: string): Promise<boolean>;
  release(laneKey: string, lease: string): Promise<void>;
  /** Until the lane has something to do; undefined when it has not, or may not. */
  nextDueInMs(laneKey: string): Promise<number | undefined>;
  /** Nothing of the lane is sent for so long. */
  pause(laneKey: string, forMs: number): Promise<void>;
  /** Nothing of the lane goes to this recipient for so long. */
  postponeRecipient(laneKey: string, phone: string, forMs: number): Promise<void>;
  /**
   * Holds the lane and all that waits in it. `stale`: the client's settings changed since they were
   * read as `version`, so that what they led to says nothing about those of now.
   */
  hold(laneKey: string, hold: Hold, version: number | null): Promise<'held' | 'known' | 'stale'>;
}

const ACQUIRE = `
  UPDATE lanes l SET lease = $2, leased_until = now() + $3 * interval '1 millisecond'
  FROM clients c
  WHERE l.lane_key = $1 AND c.client_id = l.client_id AND c.status = 'active' AND l.held_at IS NULL
    AND (l.lease IS NULL OR l.leased_until < now())
    AND (l.paused_until IS NULL OR l.paused_until <= now())
  RETURNING l.lane_key, l.client_id, l.integration, l.account`;

const EXTEND = `
  WITH lane AS (
    UPDATE lanes SET leased_until = now() + $3 * interval '1 millisecond'
    WHERE lane_key = $1 AND lease = $2 RETURNING lane_key
  ), kept AS (
    UPDATE deliveries d SET leased_until = now() + $3 * interval '1 millisecond'
    FROM lane WHERE d.lane_key = lane.lane_key AND d.lease = $2 AND d.status = 'delivering'
  )
  SELECT lane_key FROM lane`;

const RELEASE = `
  UPDATE lanes SET lease = NULL, leased_until = NULL WHERE lane_key = $1 AND lease = $2`;

const NEXT_DUE = `
  SELECT EXTRACT(EPOCH FROM GREATEST(due.at, l.paused_until) - now()) * 1000 AS in_ms
  FROM lanes l JOIN clients c ON c.client_id = l.client_id AND c.status = 'active',
  LATERAL (SELECT min(next_attempt_at) AS at FROM deliveries d
    WHERE d.lane_key = l.lane_key AND d.status IN ('pending', 'retrying')) due
  WHERE l.lane_key = $1 AND l.held_at IS NULL AND due.at IS NOT NULL`;

const PAUSE = `
  UPDATE lanes SET paused_until = GREATEST(paused_until, now() + $2 * interval '1 millisecond')
  WHERE lane_key = $1`;

const POSTPONE_RECIPIENT = `
  UPDATE deliveries d
  SET next_attempt_at = GREATEST(d.next_attempt_at, now() + $3 * interval '1 millisecond')
  FROM leads l
  WHERE d.lane_key = $1 AND d.status IN ('pending', 'retrying')
    AND l.client_id = d.client_id AND l.id = d.lead_id AND l.phone = $2`;

const HOLD = `
  WITH lane AS (
    UPDATE lanes SET held_at = now(), held_code = $2, held_message = $3,
      recheck_at = now() + $4 * interval '1 millisecond'
    WHERE lane_key = $1 AND held_at IS NULL AND (CAST($5 AS integer) IS NULL OR EXISTS (
      SELECT FROM client_integrations i WHERE i.client_id = lanes.client_id AND i.version = $5))
    RETURNING lane_key
  ), held AS (
    UPDATE deliveries d SET status = 'held', next_attempt_at = NULL, last_error_code = $2,
      last_error_message = $3, updated_at = now()
    FROM lane WHERE d.lane_key = lane.lane_key AND d.status IN ('pending', 'retrying')
    RETURNING d.*
  ), told AS (${tellOf('held')})
  SELECT l.held_at IS NOT NULL AS is_known, EXISTS (SELECT FROM lane) AS is_held
  FROM lanes l WHERE l.lane_key = $1`;

const heldRow = z.object({ is_held: z.boolean(), is_known: z.boolean() });
const nextDue = z.object({ in_ms: z.coerce.number() });

export function createLaneStore(run: Execute): LaneStore {
  return {
    async acquire(laneKey, lease) {
      const [row] = await run('acquire-lane', ACQUIRE, [laneKey, lease, LEASE_MS]);
      return row === undefined ? undefined : laneRow.parse(row);
    },
    async extend(laneKey, lease) {
      return (await run('extend-lane', EXTEND, [laneKey, lease, LEASE_MS])).length > 0;
    },
    async release(laneKey, lease) {
      await run('release-lane', RELEASE, [laneKey, lease]);
    },
    async nextDueInMs(laneKey) {
      const [row] = await run('next-due', NEXT_DUE, [laneKey]);
      return row === undefined ? undefined : Math.max(0, nextDue.parse(row).in_ms);
    },
    async pause(laneKey, forMs) {
      await run('pause-lane', PAUSE, [laneKey, forMs]);
    },
    async postponeRecipient(laneKey, phone, forMs) {
      await run('postpone-recipient', POSTPONE_RECIPIENT, [laneKey, phone, forMs]);
    },
    async hold(laneKey, { code, message, recheckAfterMs }, version) {
      const [row] = await run('hold-lane', HOLD, [laneKey, code, message, recheckAfterMs, version]);
      const { is_held: isHeld, is_known: isKnown } = heldRow.parse(row);
      if (isHeld) return 'held';
      return isKnown ? 'known' : 'stale';
    },
  };
}
