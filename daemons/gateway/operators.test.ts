import { afterEach, describe, expect, test } from 'vitest';
import { openBench, type BenchOptions, type GatewayBench } from './testing/bench.ts';
import { codeOf, send } from './testing/send.ts';

const TOKEN = 'the-operators-token-of-this-test-0123456789';

let bench: GatewayBench;
afterEach(() => bench.stop());
const open = async (settings: BenchOptions['settings'] = {}) => {
  bench = await openBench({ kind: 'direct', settings });
};

/** As it comes through a proxy: from anywhere. */
const get = (path: string, headers: Record<string, string> = {}) =>
  send(bench.port, path, { headers: { 'x-forwarded-for': '203.0.113.9', ...headers } });
const statusesOf = async (headers: Record<string, string> = {}) => {
  const answers = await Promise.all(
    ['/metrics', '/openapi.json', '/docs'].map((path) => get(path, headers)),
  );
  return answers.map(({ status }) => status);
};
const seesChecks = async (headers: Record<string, string> = {}): Promise<boolean> =>
  'checks' in JSON.parse((await get('/ready', headers)).text);

describe('of the pages for operators a stranger', () => {
  test('learns that the platform lives and whether it is ready, and nothing else', async () => {
    await open();
    expect((await get('/health')).status).toBe(200);
    const ready = await get('/ready');
    expect([ready.status, JSON.parse(ready.text)]).toEqual([200, { status: 'ok' }]);
    expect(await statusesOf()).toEqual([401, 401, 401]);
    expect(codeOf(await get('/metrics'))).toBe('unauthenticated');
  });

  test.each(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'])(
    'is whoever comes with %s, from this machine or not',
    async (name) => {
      await open();
      const answer = await send(bench.port, '/metrics', { headers: { [name]: '127.0.0.1' } });
      expect(answer.status).toBe(401);
    },
  );

  test('is told to wait after too many of them', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 3 });
    const statuses: number[] = [];
    for (const path of ['/ready', '/metrics', '/openapi.json', '/ready', '/docs']) {
      statuses.push((await get(path)).status);
    }
    expect(statuses).toEqual([200, 401, 401, 429, 429]);
    expect((await get('/health')).status).toBe(200);
  });

  test('who is signed in is no operator', async () => {
    await open();
    expect(await statusesOf(bench.as('member'))).toEqual([403, 403, 403]);
    expect(await seesChecks(bench.as('member'))).toBe(false);
    expect(await statusesOf(bench.as('admin', 'refresh'))).toEqual([401, 401, 401]);
  });

  test('sees what a setting makes public', async () => {
    await open({ DOCS: 'public' });
    expect(await statusesOf()).toEqual([401, 200, 200]);
    await bench.stop();
    await open({ EXPOSE_OPERATIONS: 'public' });
    expect(await statusesOf()).toEqual([200, 401, 401]);
    expect(await seesChecks()).toBe(true);
  });
});

describe('all of them are for', () => {
  const ALL = [200, 200, 200];

  test('this machine itself, never counted', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 1 });
    for (const path of ['/ready', '/metrics', '/openapi.json', '/docs']) {
      expect((await send(bench.port, path)).status).toBe(200);
    }
  });

  test('administrators', async () => {
    await open();
    expect(await statusesOf(bench.as('admin'))).toEqual(ALL);
    expect(await seesChecks(bench.as('admin'))).toBe(true);
  });

  test('the operators’ token, where one is set', async () => {
    await open({ OPERATIONS_TOKEN: TOKEN });
    expect(await statusesOf({ authorization: `Bearer ${TOKEN}` })).toEqual(ALL);
    expect(await seesChecks({ authorization: `Bearer ${TOKEN}` })).toBe(true);
    expect(await statusesOf({ authorization: `Bearer ${TOKEN}x` })).toEqual([401, 401, 401]);
    await bench.stop();
    await open();
    expect(await statusesOf({ authorization: 'Bearer undefined' })).toEqual([401, 401, 401]);
  });
});
