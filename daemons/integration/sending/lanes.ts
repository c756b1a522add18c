import { z } from 'zod';
import { noRows, type RunStatement, type Statement } from '../../../lib/db/statement.ts';
import { inMs, waiting } from '../../../lib/queue/table.ts';
import { laneRow, type Lane } from './model.ts';
import { DELIVERIES } from './transitions/table.ts';

/** Lanes: who works on one, and until when it waits. Their holds are in `transitions/`. */
export interface LaneStore {
  /**
   * The lane, leased; undefined when another has it, or it waits, or its client is not active, or it is
   * held and nobody told a delivery to try it all the same.
   */
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
}

/** Of a lane and of its claimed deliveries. Longer than any call, which PROVIDER_TIMEOUT_MS ends, with its reads; extended by the lane's heartbeat. */
export const LEASE_MS = 30_000;

/** Those that may be claimed, of a lane `l` that may be held. For `deliveries d`. */
export const CLAIMABLE = `d.lane_key = l.lane_key AND ${waiting(DELIVERIES)}
  AND (l.held_at IS NULL OR d.is_trial)`;

const ACQUIRE: Statement<Lane> = {
  name: 'acquire-lane',
  text: `
    UPDATE lanes l SET lease = $2, leased_until = ${inMs('$3')}
    FROM clients c, destinations t
    WHERE l.lane_key = $1 AND c.client_id = l.client_id AND c.status = 'active'
      AND t.client_id = l.client_id AND t.id = l.destination_id AND t.removed_at IS NULL
      AND (l.held_at IS NULL OR EXISTS (SELECT FROM deliveries d WHERE ${CLAIMABLE}))
      AND (l.lease IS NULL OR l.leased_until < now())
      AND (l.paused_until IS NULL OR l.paused_until <= now())
    RETURNING l.lane_key, l.client_id, l.destination_id, t.name, l.kind, l.account`,
  row: laneRow,
};

const EXTEND: Statement<unknown> = {
  name: 'extend-lane',
  text: `
    WITH lane AS (
      UPDATE lanes SET leased_until = ${inMs('$3')}
      WHERE lane_key = $1 AND lease = $2 RETURNING lane_key
    ), kept AS (
      UPDATE deliveries d SET leased_until = ${inMs('$3')}
      FROM lane WHERE d.lane_key = lane.lane_key AND d.lease = $2 AND d.status = 'delivering'
    )
    SELECT lane_key FROM lane`,
  row: noRows,
};

const RELEASE: Statement<unknown> = {
  name: 'release-lane',
  text: `UPDATE lanes SET lease = NULL, leased_until = NULL WHERE lane_key = $1 AND lease = $2`,
  row: noRows,
};

const NEXT_DUE: Statement<{ in_ms: number }> = {
  name: 'next-due',
  text: `
    SELECT EXTRACT(EPOCH FROM GREATEST(due.at, l.paused_until) - now()) * 1000 AS in_ms
    FROM lanes l JOIN clients c ON c.client_id = l.client_id AND c.status = 'active',
    LATERAL (SELECT min(d.next_attempt_at) AS at FROM deliveries d WHERE ${CLAIMABLE}) due
    WHERE l.lane_key = $1 AND due.at IS NOT NULL`,
  row: z.object({ in_ms: z.coerce.number() }),
};

const PAUSE: Statement<unknown> = {
  name: 'pause-lane',
  text: `
    UPDATE lanes SET paused_until = GREATEST(paused_until, ${inMs('$2')})
    WHERE lane_key = $1`,
  row: noRows,
};

const POSTPONE_RECIPIENT: Statement<unknown> = {
  name: 'postpone-recipient',
  text: `
    UPDATE deliveries d
    SET next_attempt_at = GREATEST(d.next_attempt_at, ${inMs('$3')})
    FROM leads l
    WHERE d.lane_key = $1 AND ${waiting(DELIVERIES)}
      AND l.client_id = d.client_id AND l.id = d.lead_id AND l.phone = $2`,
  row: noRows,
};

export function createLaneStore(run: RunStatement): LaneStore {
  return {
    async acquire(laneKey, lease) {
      const [lane] = await run(ACQUIRE, [laneKey, lease, LEASE_MS]);
      return lane;
    },
    async extend(laneKey, lease) {
      return (await run(EXTEND, [laneKey, lease, LEASE_MS])).length > 0;
    },
    async release(laneKey, lease) {
      await run(RELEASE, [laneKey, lease]);
    },
    async nextDueInMs(laneKey) {
      const [due] = await run(NEXT_DUE, [laneKey]);
      return due === undefined ? undefined : Math.max(0, due.in_ms);
    },
    async pause(laneKey, forMs) {
      await run(PAUSE, [laneKey, forMs]);
    },
    async postponeRecipient(laneKey, phone, forMs) {
      await run(POSTPONE_RECIPIENT, [laneKey, phone, forMs]);
    },
  };
}
