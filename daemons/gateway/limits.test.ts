import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { openLimits } from '../../lib/limits/open.ts';
import { createLogger } from '../../lib/telemetry/log.ts';
import { createTestDatabase } from '../../lib/testing/database.ts';
import { KINDS, openBench, type BenchOptions, type GatewayBench } from './testing/bench.ts';
import { codeOf, send, type Answer } from './testing/send.ts';

let bench: GatewayBench;
let isOpen = false;
afterEach(async () => {
  if (isOpen) await bench.stop();
  isOpen = false;
});
const open = async (settings: BenchOptions['settings']) => {
  isOpen = true;
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

test.each(KINDS)('what is limited says on every answer where it stands (%s)', async (kind) => {
  isOpen = true;
  bench = await openBench({
    kind,
    settings: { RATE_LIMIT_PER_MINUTE: 9, RATE_LIMIT_ANONYMOUS_PER_MINUTE: 5 },
  });
  const limitOf = ({ status, headers }: Answer) => [
    status,
    headers['ratelimit-policy'],
    String(headers['ratelimit']).replace(/t=\d+/, 't=…'),
  ];
  const at = (path: string, headers = {}) => send(bench.port, path, { headers });
  expect(limitOf(await me(bench.as('member')))).toEqual([200, '"user";q=9;w=60', '"user";r=8;t=…']);
  expect(limitOf(await me({ authorization: 'Bearer a.b.c' }))).toEqual([
    401,
    '"wrong-token";q=5;w=60',
    '"wrong-token";r=4;t=…',
  ]);
  expect(limitOf(await at('/api/open'))).toEqual([200, '"address";q=5;w=60', '"address";r=4;t=…']);
  expect(limitOf(await at('/ready', { via: '1.1 proxy' }))).toEqual([
    200,
    '"address";q=5;w=60',
    '"address";r=3;t=…',
  ]);
  expect(limitOf(await at('/metrics', { via: '1.1 proxy' }))).toEqual([
    401,
    '"address";q=5;w=60',
    '"address";r=2;t=…',
  ]);
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
    const written = Map.groupBy(bench.refused, ({ action }) => action);
    expect([written.get('token.rejected')?.length, written.get('request.limited')?.length]).toEqual(
      [5, 195],
    );
  });

  test('is never between an API key and the daemon that knows it', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 2 });
    const ingest = (key: string) => () =>
      send(bench.port, '/api/ingest', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
      });
    await statuses(3, () => send(bench.port, '/api/open'));
    expect(await statuses(6, ingest('wrong'))).toEqual(Array(6).fill(401));
    expect(await statuses(6, ingest('right'))).toEqual(Array(6).fill(200));
  });

  test('is counted apart for signing in, for wrong tokens, and for the rest', async () => {
    await open({ RATE_LIMIT_ANONYMOUS_PER_MINUTE: 2 });
    const wrong = () => me({ authorization: 'Bearer aaaa.bbbb.cccc' });
    expect(await statuses(3, wrong)).toEqual([401, 401, 429]);
    expect(await statuses(3, () => send(bench.port, '/api/open'))).toEqual([200, 200, 429]);
    expect(await statuses(3, () => send(bench.port, '/api/auth/hello'))).toEqual([200, 200, 429]);
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

test('two gateways on one database hold a limit together, within a tenth', async () => {
  const database = await createTestDatabase();
  const log = createLogger({ service: 'gateway', version: 'test', level: 'silent' });
  const most = 60;
  const benches = await Promise.all(
    [1, 2].map(() =>
      openBench({
        kind: 'direct',
        settings: { RATE_LIMIT_ANONYMOUS_PER_MINUTE: most },
        limits: openLimits(
          {
            limitsUrl: undefined,
            databaseUrl: database.url,
            role: 'leadctl_gateway',
            applicationName: 'leadctl-test',
          },
          log,
        ),
      }),
    ),
  );
  let allowed = 0;
  for (let nth = 0; nth < most; nth += 1) {
    const answers = await Promise.all(benches.map(({ port }) => send(port, '/api/open')));
    allowed += answers.filter(({ status }) => status === 200).length;
    await sleep(15);
  }
  expect(allowed).toBeGreaterThanOrEqual(most);
  expect(allowed).toBeLessThanOrEqual(most * 1.1);
  await Promise.all(benches.map((each) => each.stop()));
  await database.drop();
});

test('a proxy that nobody was told of is mentioned once', async () => {
  const lines: string[] = [];
  const log = createLogger({
    service: 'gateway',
    version: 'test',
    level: 'warn',
    destination: { write: (line: string) => lines.push(line) },
  });
  isOpen = true;
  bench = await openBench({ kind: 'direct', log });
  await send(bench.port, '/api/open');
  expect(lines).toEqual([]);
  for (let nth = 0; nth < 3; nth += 1) {
    await send(bench.port, '/api/open', { headers: { 'x-forwarded-for': '203.0.113.1' } });
  }
  expect(lines.length).toBe(1);
  expect(lines[0]).toContain('set TRUSTED_PROXIES');
});
