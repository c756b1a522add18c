import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../../lib/core/ids.ts';
import { connectionOptions } from '../../../../lib/db/connection.ts';
import { createDatabase, type Database } from '../../../../lib/db/database.ts';
import { onPool, type RunStatement } from '../../../../lib/db/statement.ts';
import { laneKeyOf, startDeliveryKit, type DeliveryKit } from '../../testing/kit.ts';
import { fanOut } from '../fan-out.ts';
import { createLaneStore, type LaneStore } from '../lanes.ts';
import type { ClaimedDelivery } from '../model.ts';
import { delivered } from '../settle.ts';
import { sweep } from '../sweeper.ts';
import { begin } from './begin.ts';
import { claim } from './claim.ts';
import { finish } from './finish.ts';
import { holdLane } from './hold-lane.ts';
import { putBack } from './put-back.ts';
import { KINDS } from '../../kinds/index.ts';

const LANE = laneKeyOf('acme', 'whatsapp');

let kit: DeliveryKit;
let pool: Pool;
let database: Database;
let run: RunStatement;
let lanes: LaneStore;

beforeEach(async () => {
  kit = await startDeliveryKit();
  const connection = { url: kit.url, role: 'leadctl_worker', applicationName: 'test' } as const;
  pool = new Pool({ ...connectionOptions(connection), max: 2 });
  database = createDatabase({ ...connection, poolMax: 2 });
  run = onPool(pool);
  lanes = createLaneStore(run);
  await kit.client('acme', { sheets: false });
});

afterEach(async () => {
  await database.stop();
  await pool.end();
  await kit.drop();
});

/** Events hide behind the oldest transaction of the server, which may be another test's. */
async function fannedOut(count: number): Promise<void> {
  const made = async () => {
    await fanOut(database, KINDS);
    return (await kit.deliveries()).length;
  };
  await expect.poll(made, { timeout: 5_000 }).toBeGreaterThanOrEqual(count);
}

async function leased(count: number): Promise<string> {
  await kit.leads('acme', count);
  await fannedOut(count);
  const lease = newId();
  expect(await lanes.acquire(LANE, lease)).toMatchObject({ client_id: 'acme' });
  return lease;
}

const claimed = async (lease: string, limit: number) =>
  (await claim(run, LANE, lease, limit)).deliveries;

const sent = (delivery: ClaimedDelivery) =>
  delivered(delivery, null, { reference: 'wamid.1', providerStatus: 'accepted' });

describe('a lane', () => {
  test('has one holder; who lost it claims nothing and changes nothing', async () => {
    const mine = await leased(2);
    expect(await lanes.acquire(LANE, newId())).toBeUndefined();
    const [first] = await claimed(mine, 1);
    await kit.pool.query(`UPDATE lanes SET leased_until = now() - interval '1 second'`);
    const theirs = newId();
    expect(await lanes.acquire(LANE, theirs)).toBeDefined();
    expect(await claimed(mine, 1)).toEqual([]);
    expect(await lanes.extend(LANE, mine)).toBe(false);
    expect(await claimed(theirs, 5)).toHaveLength(1);
    // What was sent under the old lease is still its own to write down, once.
    expect(await finish(run, first ? [{ ...sent(first), lease: theirs }] : [])).toEqual([]);
    expect(await finish(run, first ? [{ ...sent(first), lease: mine }] : [])).toHaveLength(1);
    expect(await finish(run, first ? [{ ...sent(first), lease: mine }] : [])).toEqual([]);
  });

  test('that is held gives nothing out, and is held once', async () => {
    const mine = await leased(3);
    const hold = { code: '190', message: 'dead', recheckAfterMs: null };
    expect(await holdLane(run, LANE, hold, 99)).toBe('stale');
    expect(await holdLane(run, LANE, hold, 1)).toBe('held');
    expect(await holdLane(run, LANE, hold, 1)).toBe('known');
    expect(await claimed(mine, 5)).toEqual([]);
    expect(await lanes.nextDueInMs(LANE)).toBeUndefined();
    expect((await kit.deliveries()).map(({ status }) => status)).toEqual(['held', 'held', 'held']);
  });

  test('that is paused waits as long', async () => {
    const mine = await leased(1);
    await lanes.pause(LANE, 5_000);
    expect(await claimed(mine, 5)).toEqual([]);
    expect(await lanes.nextDueInMs(LANE)).toBeGreaterThan(4_000);
  });
});

describe('an attempt', () => {
  test('that was put back was none', async () => {
    const mine = await leased(1);
    const [one] = await claimed(mine, 1);
    await putBack(run, mine, one ? [one.id] : [], 0);
    expect((await kit.deliveries())[0]).toMatchObject({ status: 'pending', attempts: 0 });
    const { rows } = await kit.pool.query('SELECT * FROM delivery_attempts');
    expect(rows).toEqual([]);
    expect(await claimed(mine, 1)).toMatchObject([{ attempt: 1 }]);
  });

  test('given up as lost and answered after all is settled by its answer', async () => {
    const mine = await leased(1);
    const [one] = await claimed(mine, 1);
    await begin(run, one ? [{ lease: mine, id: one.id }] : []);
    await kit.pool.query(`UPDATE deliveries SET leased_until = now() - interval '1 second'`);
    await sweep(database, KINDS);
    expect((await kit.deliveries())[0]).toMatchObject({ status: 'unknown', is_doubtful: true });
    expect(await finish(run, one ? [{ ...sent(one), lease: mine }] : [])).toHaveLength(1);
    expect((await kit.deliveries())[0]).toMatchObject({ status: 'delivered', is_doubtful: false });
  });
});

describe('an attempt whose worker was lost', () => {
  test('before its call began was none that may have been sent', async () => {
    const mine = await leased(1);
    const [one] = await claimed(mine, 1);
    await kit.pool.query(`UPDATE deliveries SET leased_until = now() - interval '1 second'`);
    await sweep(database, KINDS);
    expect((await kit.deliveries())[0]).toMatchObject({ status: 'retrying', is_doubtful: false });
    // Whoever wakes up now learns that it is no longer theirs.
    expect((await begin(run, one ? [{ lease: mine, id: one.id }] : [])).size).toBe(0);
  });
});

describe('what may have gone through', () => {
  test('stays doubtful when it failed for good, so that starting it anew looks first', async () => {
    const mine = await leased(1);
    const [one] = await claimed(mine, 1);
    const failed = one && {
      ...sent(one),
      status: 'failed' as const,
      outcome: 'unknown' as const,
      is_doubtful: true,
      provider_status: null,
    };
    expect(await finish(run, failed ? [{ ...failed, lease: mine }] : [])).toHaveLength(1);
    expect((await kit.deliveries())[0]).toMatchObject({ status: 'failed', is_doubtful: true });
  });
});

describe('fanning out', () => {
  test('passes no slow transaction by', async () => {
    const slow = await kit.pool.connect();
    const id = newId();
    await slow.query('BEGIN');
    await slow.query(
      `INSERT INTO leads (id, client_id, name, source, raw_payload, created_at, updated_at)
       VALUES ($1, 'acme', 'Slow', 'website', '{}', now(), now())`,
      [id],
    );
    await slow.query(
      `INSERT INTO events (client_id, lead_id, kind) VALUES ('acme', $1, 'lead.created')`,
      [id],
    );
    await kit.leads('acme', 1);
    expect(await fanOut(database, KINDS)).toEqual({ laneKeys: [], found: 0, hasMore: true });
    await slow.query('COMMIT');
    slow.release();
    await fannedOut(2);
    expect((await kit.deliveries()).map((row) => row.lead_id)).toContain(id);
    expect(await kit.deliveries()).toHaveLength(2);
  });

  test('twice makes no delivery twice, and by two at once neither', async () => {
    await kit.leads('acme', 5);
    await Promise.all([fanOut(database, KINDS), fanOut(database, KINDS)]);
    await fannedOut(5);
    await kit.pool.query(`UPDATE event_cursors SET xid = '0', id = 0`);
    await expect.poll(async () => (await fanOut(database, KINDS)).hasMore).toBe(false);
    expect(await kit.deliveries()).toHaveLength(5);
  });
});
