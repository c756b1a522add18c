import { afterEach, describe, expect, test } from 'vitest';
import { openBench, type BenchOptions, type GatewayBench } from './testing/bench.ts';
import { codeOf, send, type Answer } from './testing/send.ts';

let bench: GatewayBench;
afterEach(() => bench.stop());
const open = async (settings: BenchOptions['settings']) => {
  bench = await openBench({ kind: 'direct', settings: settings ?? {} });
};

const me = (headers: Record<string, string>) => send(bench.port, '/api/auth/me', { headers });
const statuses = async (times: number, call: () => Promise<Answer>): Promise<number[]> => {
  const answers: number[] = [];
  for (let index = 0; index < times; index += 1) answers.push((await call()).status);
  return answers;
};

describe('a user', () => {
  test('may make so many requests a minute, and is told when to go on', async () => {
    await open({ RATE_LIMIT_PER_MINUTE: 3 });
    expect(await statuses(3, () => me(bench.as('member')))).toEqual([200, 200, 200]);
    const refused = await me(bench.as('member'));
    expect([refused.status, codeOf(refused)]).toEqual([429, 'rate_limited']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused.headers['ratelimit-policy']).toBe('"user";q=3;w=60');
    expect(refused.headers['ratelimit']).toMatch(/^"user";r=0;t=\d+$/);
  });

  test('is counted for themselves: others at the same address go on', async () => {
    await open({ RATE_LIMIT_PER_MINUTE: 2, RATE_LIMIT_ANONYMOUS_PER_MINUTE: 1 });
    expect(await statuses(3, () => me(bench.as('member')))).toEqual([200, 200, 429]);
    expect((await me(bench.as('admin'))).status).toBe(200);
  });
});

describe('an address', () => {
  test('may call public routes so often', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 2 });
    expect(await statuses(3, () => send(bench.port, '/api/open'))).toEqual([200, 200, 429]);
  });

  test('that floods with wrong tokens is told to stop, and its users with right ones go on', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 5 });
    const wrong = () => me({ authorization: 'Bearer aaaa.bbbb.cccc' });
    const answers = await Promise.all(Array.from({ length: 200 }, wrong));
    const counts = Map.groupBy(answers, ({ status }) => status);
    expect([counts.get(401)?.length, counts.get(429)?.length]).toEqual([5, 195]);
    expect((await me(bench.as('member'))).status).toBe(200);
  });

  test('that guesses keys is told to stop; right keys alone are never counted', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 2 });
    const ingest = (key: string) => () =>
      send(bench.port, '/api/ingest', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
      });
    expect(await statuses(6, ingest('right'))).toEqual(Array(6).fill(200));
    expect(await statuses(4, ingest('wrong'))).toEqual([401, 401, 401, 429]);
  });

  test('cannot be made up by the caller', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 2 });
    let nth = 0;
    const call = () =>
      send(bench.port, '/api/open', { headers: { 'x-forwarded-for': `203.0.113.${(nth += 1)}` } });
    expect(await statuses(3, call)).toEqual([200, 200, 429]);
  });

  test('is what our own proxy says it is, whatever the caller put before', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 1, TRUSTED_PROXIES: 1 });
    const from = (hops: string) =>
      send(bench.port, '/api/open', { headers: { 'x-forwarded-for': hops } });
    expect((await from('1.1.1.1, 203.0.113.1')).status).toBe(200);
    expect((await from('2.2.2.2, 203.0.113.1')).status).toBe(429);
    expect((await from('1.1.1.1, 203.0.113.2')).status).toBe(200);
  });
});
