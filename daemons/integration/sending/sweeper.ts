import { z } from 'zod';
import type { Database } from '../../../lib/db/database.ts';
import { allClients, type Unit } from '../../../lib/db/scope.ts';
import { rowsOf } from '../../../lib/events/outbox.ts';
import { releaseLane } from './release.ts';
import { tellOf } from './tell.ts';

const WHY = allClients('finding what crashed workers and lost wake-ups left behind');
const MOST_AT_A_TIME = 1_000;

/**
 * Derives from the ledger alone what is owed and nobody is at. Every worker runs it: what one has
 * locked the others skip. Returns the lanes to wake.
 */
export async function sweep(database: Database): Promise<string[]> {
  return database.inTransaction(WHY, async (unit) => {
    await expireLeases(unit);
    await holdStragglers(unit);
    await recheckLanes(unit);
    return findDueLanes(unit);
  });
}

/**
 * Their worker died in the middle: they may have been sent. A row in a sheet can be looked for, a
 * message cannot, so it waits for its status.
 */
async function expireLeases(unit: Unit): Promise<void> {
  await unit.trx.raw(
    `WITH expired AS (
       SELECT id FROM deliveries WHERE status = 'delivering' AND leased_until < now()
       ORDER BY leased_until LIMIT ? FOR UPDATE SKIP LOCKED
     ), changed AS (
       UPDATE deliveries d SET lease = NULL, leased_until = NULL, updated_at = now(),
         is_doubtful = d.provider_status IS NULL,
         status = CASE WHEN d.provider_status IN ('sent', 'delivered', 'read') THEN 'delivered'
           WHEN d.integration = 'whatsapp' THEN 'unknown' ELSE 'retrying' END,
         delivered_at = CASE WHEN d.provider_status IN ('sent', 'delivered', 'read') THEN now() END,
         next_attempt_at = CASE WHEN d.provider_status IS NOT NULL THEN NULL
           WHEN d.integration = 'whatsapp' THEN now() + interval '1 hour' ELSE now() END,
         last_error_code = CASE WHEN d.provider_status IS NULL THEN 'worker_lost'
           ELSE d.last_error_code END,
         last_error_message = CASE WHEN d.provider_status IS NULL
           THEN 'The worker stopped in the middle of this attempt; it may have been sent.'
           ELSE d.last_error_message END
       FROM expired e WHERE d.id = e.id
       RETURNING d.*
     ), closed AS (
       UPDATE delivery_attempts a SET finished_at = now(), outcome = 'unknown',
         code = 'worker_lost', message = 'The worker stopped in the middle of this attempt.'
       FROM changed c WHERE a.delivery_id = c.id AND a.number = c.attempts AND a.outcome IS NULL
     )
     ${tellOf('changed')}`,
    [MOST_AT_A_TIME],
  );
}

/** What came into a lane just as it was held. */
async function holdStragglers(unit: Unit): Promise<void> {
  await unit.trx.raw(
    `WITH held AS (
       UPDATE deliveries d SET status = 'held', next_attempt_at = NULL, updated_at = now(),
         last_error_code = l.held_code, last_error_message = l.held_message
       FROM lanes l
       WHERE l.held_at IS NOT NULL AND d.lane_key = l.lane_key AND d.status IN ('pending', 'retrying')
       RETURNING d.*
     )
     ${tellOf('held')}`,
  );
}

const laneKeyRow = z.object({ lane_key: z.string() });
const laneKeys = (result: unknown) => rowsOf(result).map((row) => laneKeyRow.parse(row).lane_key);

async function recheckLanes(unit: Unit): Promise<void> {
  const due: unknown = await unit.trx.raw(
    `SELECT lane_key FROM lanes WHERE held_at IS NOT NULL AND recheck_at <= now() LIMIT ?`,
    [MOST_AT_A_TIME],
  );
  for (const laneKey of laneKeys(due)) await releaseLane(unit, laneKey);
}

/** Due, and neither leased, held, paused nor of a client that is not active. */
async function findDueLanes(unit: Unit): Promise<string[]> {
  const due: unknown = await unit.trx.raw(
    `SELECT l.lane_key FROM lanes l JOIN clients c ON c.client_id = l.client_id
     WHERE c.status = 'active' AND l.held_at IS NULL
       AND (l.lease IS NULL OR l.leased_until < now())
       AND (l.paused_until IS NULL OR l.paused_until <= now())
       AND EXISTS (SELECT FROM deliveries d WHERE d.lane_key = l.lane_key
         AND d.status IN ('pending', 'retrying') AND d.next_attempt_at <= now())
     LIMIT ?`,
    [MOST_AT_A_TIME],
  );
  return laneKeys(due);
}
