import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../lib/core/clock.ts';
import { newId } from '../../../../lib/core/ids.ts';
import { connectionOptions } from '../../../../lib/db/connection.ts';
import { createDatabase, type Database } from '../../../../lib/db/database.ts';
import { onPool, type RunStatement } from '../../../../lib/db/statement.ts';
import {
  createWhatsAppClient,
  type WhatsAppClient,
} from '../../../../lib/providers/whatsapp/client.ts';
import { createLogger } from '../../../../lib/telemetry/log.ts';
import { createMetrics } from '../../../../lib/telemetry/metrics.ts';
import { laneKeyOf, startDeliveryKit, type DeliveryKit } from '../../testing/kit.ts';
import { fanOut } from '../../sending/fan-out.ts';
import { createLaneStore } from '../../sending/lanes.ts';
import { createLedger } from '../../sending/ledger.ts';
import { createDeliveryMetrics } from '../../sending/metrics.ts';
import { createLaneRun, type LaneRun } from '../../sending/run.ts';
import { createWhatsAppWork } from './send.ts';
import { KINDS } from '../index.ts';

const LANE = laneKeyOf('acme', 'whatsapp');

let kit: DeliveryKit;
let pool: Pool;
let database: Database;

beforeEach(async () => {
  kit = await startDeliveryKit();
  const connection = { url: kit.url, role: 'leadctl_worker', applicationName: 'test' } as const;
  pool = new Pool({ ...connectionOptions(connection), max: 2 });
  database = createDatabase({ ...connection, poolMax: 2 });
  await kit.client('acme', { sheets: false });
});

afterEach(async () => {
  await database.stop();
  await pool.end();
  await kit.drop();
});

/** Works the lane once, with a database that fails where `over` says. */
async function workLane(
  over: {
    /** What happens before a statement of this name is run. */
    before?: (name: string) => Promise<void> | void;
    accounts?: Pool;
    /** When a call has ended and nobody knows yet. */
    onAnswer?: (run: LaneRun) => Promise<void>;
  } = {},
): Promise<void> {
  // A transaction of any other database on this server may keep it waiting for a moment.
  await kit.until(async () => {
    await fanOut(database, KINDS);
    return (await kit.deliveries()).length > 0;
  });
  const lease = newId();
  const onDatabase = onPool(pool);
  const run: RunStatement = async (statement, values) => {
    await over.before?.(statement.name);
    return onDatabase(statement, values);
  };
  const lanes = createLaneStore(onDatabase);
  const lane = await lanes.acquire(LANE, lease);
  if (lane === undefined) throw new Error('the lane is not free');
  const client = createWhatsAppClient({
    baseUrl: kit.providers.baseUrl,
    apiVersion: 'v25.0',
    timeoutMs: 2_000,
  });
  const laneRun = createLaneRun(
    {
      run,
      ledger: createLedger(run, 5),
      announcer: { announce: () => undefined, stop: async () => undefined },
      metrics: createDeliveryMetrics(createMetrics({ service: 'worker', processMetrics: false })),
      log: createLogger({ service: 'worker', version: 'test', level: 'silent' }),
      account: {
        pool: over.accounts ?? pool,
        keyring: kit.keyring,
        kinds: KINDS,
        clock: systemClock,
      },
    },
    lane,
    lease,
    { over: new AbortController().signal, calls: new AbortController().signal },
  );
  const sendTemplate: WhatsAppClient['sendTemplate'] = async (message) => {
    const answer = await client.sendTemplate(message);
    await over.onAnswer?.(laneRun);
    return answer;
  };
  try {
    const work = createWhatsAppWork({
      client: { ...client, sendTemplate },
      clock: systemClock,
      mostADay: 5,
    });
    await work(laneRun);
  } finally {
    await lanes.release(LANE, lease);
    await client.close();
  }
}

test('an error in one flight ends the run once all flights have, and not the process', async () => {
  await kit.leads('acme', 3);
  let calls = 0;
  let claims = 0;
  const before = async (name: string): Promise<void> => {
    if (name === 'finish-deliveries') {
      calls += 1;
      if (calls === 1) throw new Error('the database is gone');
    }
    // The flight fails while the run is busy with something else than waiting for it.
    if (name === 'claim-deliveries') {
      claims += 1;
      if (claims > 1) await sleep(300);
    }
  };
  // The first is written down by itself, the others together.
  let answers = 0;
  const onAnswer = async (): Promise<void> => {
    answers += 1;
    if (answers > 1) await sleep(200);
  };
  await expect(workLane({ before, onAnswer })).rejects.toThrow('the database is gone');
  expect(await kit.deliveries(`status = 'delivered'`)).toHaveLength(2);
});

test('what an error kept from being sent is put back, and counts as no attempt', async () => {
  await kit.leads('acme', 3);
  const gone = new Pool({ connectionString: kit.url });
  await gone.end();
  await expect(workLane({ accounts: gone })).rejects.toThrow('after calling end');
  const rows = await kit.deliveries();
  expect(rows.map(({ status, attempts }) => [status, attempts])).toEqual(
    Array.from({ length: 3 }, () => ['pending', 0]),
  );
  expect(kit.providers.messages).toEqual([]);
});

test('an absence of the database that is over soon leaves nothing claimed', async () => {
  await kit.leads('acme', 1);
  let calls = 0;
  const before = (name: string): void => {
    if (name !== 'put-back-deliveries') return;
    calls += 1;
    if (calls === 1) throw new Error('the database is gone');
  };
  const gone = new Pool({ connectionString: kit.url });
  await gone.end();
  await expect(workLane({ before, accounts: gone })).rejects.toThrow('calling end');
  expect((await kit.deliveries())[0]).toMatchObject({ status: 'pending', attempts: 0 });
});

test('what a token’s settings led to holds nothing under those that came meanwhile', async () => {
  await kit.leads('acme', 1);
  kit.providers.onMessage(() => 'refuse');
  let isChanged = false;
  const onAnswer = async (run: LaneRun): Promise<void> => {
    if (isChanged) return;
    isChanged = true;
    await kit.pool.query('UPDATE destinations SET version = 2');
    // Long enough for another send of this run to have read the new ones.
    await sleep(1_050);
    await run.credentials();
  };
  await workLane({ onAnswer });
  expect((await kit.deliveries())[0]).toMatchObject({ status: 'retrying', last_error_code: '190' });
  const { rows } = await kit.pool.query('SELECT held_at FROM lanes');
  expect(rows).toEqual([{ held_at: null }]);
});
