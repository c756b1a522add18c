import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopAll, type Stoppable } from '../../../lib/core/lifecycle.ts';
import { startTestDaemon } from '../../../lib/testing/daemon.ts';
import { aClient } from '../../../lib/testing/factories.ts';
import { anonymous } from '../../../lib/identity/identity.ts';
import { leadContract } from '../contract.ts';
import { createLeadDaemon } from '../daemon.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';

const UNKNOWN_PER_MINUTE = 5;
let bench: LeadBench;
const others: Stoppable[] = [];

beforeAll(async () => {
  bench = await openLeadBench({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: UNKNOWN_PER_MINUTE });
});
afterAll(() => stopAll([bench, ...others]));

const as = (key: string | undefined, ip: string) => ({
  'content-type': 'application/json',
  'x-forwarded-for': ip,
  ...(key === undefined ? {} : { 'x-api-key': key }),
});
const post = (key: string | undefined, ip: string) => bench.post('{"name":"Ada"}', as(key, ip));
const guess = async (ip: string) => (await post(`x_live_${Math.random()}`, ip)).status;

/** Another lead daemon on the same database. */
async function anotherDaemon() {
  const daemon = await startTestDaemon({
    contract: leadContract,
    database: { url: bench.databaseUrl },
    create: (deps) =>
      createLeadDaemon(deps, {
        DATABASE_URL: bench.databaseUrl,
        DATABASE_POOL_MAX: 4,
        INGEST_QUEUE_MAX: 5_000,
        RATE_LIMIT_ANONYMOUS_PER_MINUTE: UNKNOWN_PER_MINUTE,
      }),
  });
  others.push(daemon);
  return daemon;
}

describe('an address', () => {
  test('that tries unknown keys is told to stop; a known key from there never is', async () => {
    const key = await bench.keyFor(await aClient(bench.db));
    const ip = '192.0.2.1';
    const statuses: number[] = [];
    for (let n = 0; n < UNKNOWN_PER_MINUTE + 2; n += 1) statuses.push(await guess(ip));
    expect(statuses).toEqual([...Array<number>(UNKNOWN_PER_MINUTE).fill(401), 429, 429]);
    const refused = await post('x_live_another', ip);
    expect(refused.headers.get('ratelimit-policy')).toBe(
      `"unknown-key";q=${UNKNOWN_PER_MINUTE};w=60`,
    );
    expect(refused.headers.get('ratelimit')).toMatch(/^"unknown-key";r=0;t=\d+$/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // One that was never seen before, too: it has to be looked up first.
    expect((await post(key, ip)).status).toBe(201);
    expect(await guess('192.0.2.2')).toBe(401);
  });

  test('without any key is counted alike', async () => {
    const statuses: number[] = [];
    for (let n = 0; n <= UNKNOWN_PER_MINUTE; n += 1) {
      statuses.push((await post(undefined, '192.0.2.3')).status);
    }
    expect(statuses.at(-2)).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });

  test('may send with right keys as often as they allow', async () => {
    const key = await bench.keyFor(await aClient(bench.db));
    for (let n = 0; n < UNKNOWN_PER_MINUTE * 3; n += 1) {
      expect((await post(key, '192.0.2.4')).status).toBe(201);
    }
  });
});

describe('a key with a limit', () => {
  test('says on every answer where it stands', async () => {
    const key = await bench.keyFor(await aClient(bench.db), { rateLimitPerMinute: 2 });
    const answers = [await post(key, '192.0.2.6'), await post(key, '192.0.2.6')];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual([
      '"key";q=2;w=60',
      '"key";q=2;w=60',
    ]);
    expect(answers[0]?.headers.get('ratelimit')).toMatch(/^"key";r=1;t=\d+$/);
    expect(answers[1]?.headers.get('ratelimit')).toMatch(/^"key";r=0;t=\d+$/);
    expect((await post(key, '192.0.2.6')).status).toBe(429);
  });

  test('has it once, however many daemons it is used at: within a tenth', async () => {
    const most = 60;
    const key = await bench.keyFor(await aClient(bench.db), { rateLimitPerMinute: most });
    const other = await anotherDaemon();
    const atOther = () =>
      fetch(`${other.url}/leads/ingest`, {
        method: 'POST',
        headers: { ...other.vouchFor(anonymous), ...as(key, '192.0.2.7') },
        body: '{"name":"Ada"}',
      });
    let accepted = 0;
    for (let n = 0; n < most; n += 1) {
      const answers = await Promise.all([post(key, '192.0.2.7'), atOther()]);
      accepted += answers.filter(({ status }) => status === 201).length;
      await sleep(15);
    }
    expect(accepted).toBeGreaterThanOrEqual(most);
    expect(accepted).toBeLessThanOrEqual(most * 1.1);
  });

  test('writes no counter while its lead is on its way', async () => {
    const key = await bench.keyFor(await aClient(bench.db), { rateLimitPerMinute: 1_000 });
    // Whoever holds the counters' table up holds up no lead.
    const holder = await bench.db.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE limit_counts IN ACCESS EXCLUSIVE MODE');
      for (let n = 0; n < 30; n += 1) expect((await post(key, '192.0.2.8')).status).toBe(201);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
  });
});
