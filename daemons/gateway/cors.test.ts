import { afterEach, describe, expect, test } from 'vitest';
import { openBench, type BenchOptions, type GatewayBench } from './testing/bench.ts';
import { send, type Answer, type Sent } from './testing/send.ts';

const ORIGIN = 'https://shop.example';

let bench: GatewayBench;
afterEach(() => bench.stop());

const ingest = (key: string, sent: Sent = {}): Promise<Answer> =>
  send(bench.port, '/api/ingest', {
    method: 'POST',
    body: '{}',
    ...sent,
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...sent.headers },
  });

const refusals: [string, Omit<BenchOptions, 'kind'>, () => Promise<Answer>][] = [
  [
    '413',
    {},
    () =>
      ingest('right', {
        headers: { origin: ORIGIN, 'content-length': 300_000 },
        body: 'x'.repeat(300_000),
      }),
  ],
  [
    '503',
    { echoTarget: { kind: 'http', baseUrl: 'http://127.0.0.1:1' } },
    () => ingest('right', { headers: { origin: ORIGIN } }),
  ],
  [
    '504',
    {
      echoTarget: { kind: 'direct', serve: () => new Promise(() => undefined) },
      answerTimeoutMs: 50,
    },
    () => ingest('right', { headers: { origin: ORIGIN } }),
  ],
];

describe('a browser form’s script', () => {
  test.each(refusals)('can read a %s of the gateway’s own', async (status, options, refused) => {
    bench = await openBench({ kind: 'direct', ...options });
    const answer = await refused();
    expect(String(answer.status)).toBe(status);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers': 'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id',
    });
    expect(answer.headers['vary']).toContain('Origin');
  });
});

test('what the daemon answers is shown to the origins that it names itself', async () => {
  bench = await openBench({ kind: 'direct' });
  const answers = [await ingest('right', { headers: { origin: ORIGIN } })];
  answers.push(await ingest('wrong', { headers: { origin: ORIGIN } }));
  expect(answers.map(({ status }) => status)).toEqual([200, 401]);
  for (const { headers } of answers)
    expect(headers).not.toHaveProperty('access-control-allow-origin');
});

test('what is for those who sign in is shown to no other origin', async () => {
  bench = await openBench({ kind: 'direct' });
  const answer = await send(bench.port, '/api/auth/me', { headers: { origin: ORIGIN } });
  expect(answer.status).toBe(401);
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
});
