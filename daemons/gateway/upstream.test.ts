import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KINDS, openBench, type GatewayBench } from './testing/bench.ts';
import { codeOf, seenIn, send } from './testing/send.ts';

const MB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

describe.each(KINDS)('a daemon reached by %s', (kind) => {
  let bench: GatewayBench;
  beforeAll(async () => {
    bench = await openBench({ kind, answerTimeoutMs: 400 });
  });
  afterAll(() => bench.stop());

  const post = (body: string | Uint8Array[], headers: Record<string, string> = {}, agent?: Agent) =>
    send(bench.port, '/api/clients/acme/things', {
      method: 'POST',
      body,
      headers: { ...bench.as('member'), ...JSON_TYPE, ...headers },
      ...(agent ? { agent } : {}),
    });
  const parts = (count: number, bytes: number) =>
    Array.from({ length: count }, () => new Uint8Array(bytes).fill(0x61));

  test('gets a body of known length, of none, in parts, and an empty one', async () => {
    expect(seenIn(await post('{"a":1}', { 'content-length': '7' })).body_bytes).toBe(7);
    expect(seenIn(await post('{"a":1}')).body_bytes).toBe(7);
    const upload = await send(bench.port, '/api/upload', {
      method: 'PUT',
      body: parts(64, 65_536),
    });
    expect(seenIn(upload).body_bytes).toBe(4 * MB);
    const empty = await send(bench.port, '/api/upload', {
      method: 'PUT',
      headers: { 'content-length': '0' },
    });
    expect(seenIn(empty).body_bytes).toBe(0);
  });

  test('gets no body where its route takes none', async () => {
    const answer = await send(bench.port, '/api/open', {
      body: 'x'.repeat(1_000),
      headers: { 'content-length': '1000' },
    });
    expect(answer.status).toBe(200);
    expect(seenIn(answer).body_bytes).toBe(2);
  });

  test.each([
    ['announced', 3, { 'content-length': String(300_000) }],
    ['not announced', 3, {}],
    ['announced and great', 200, { 'content-length': String(20_000_000) }],
    ['great and not announced', 200, {}],
  ])(
    'has a body that is too large refused with 413, its length %s',
    async (_what, count, headers) => {
      const answer = await post(parts(count, 100_000), headers);
      expect([answer.status, codeOf(answer)]).toEqual([413, 'body_too_large']);
    },
  );

  test('does not hang the connection on which a body was refused', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 3; round += 1) {
      expect((await post(parts(8, 100_000), {}, agent)).status).toBe(413);
      expect((await post('{}', {}, agent)).status).toBe(200);
    }
    agent.destroy();
  });

  test('is a 504 when it does not begin to answer, with Retry-After', async () => {
    const startedAt = performance.now();
    const answer = await send(bench.port, '/api/slow');
    expect([answer.status, codeOf(answer)]).toEqual([504, 'upstream_unavailable']);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(answer.headers['x-request-id']).toBeDefined();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('streams events as they happen, past the time for an answer, until the reader goes', async () => {
    const heard: { text: string; atMs: number }[] = [];
    const startedAt = performance.now();
    const reader = get({
      host: '127.0.0.1',
      port: bench.port,
      path: '/api/clients/acme/stream',
      headers: bench.as('member'),
      agent: false,
    });
    reader.on('error', () => undefined);
    reader.on('response', (response) => {
      expect(response.headers['content-type']).toBe('text/event-stream');
      response.on('error', () => undefined);
      response.on('data', (part: Buffer) =>
        heard.push({ text: part.toString(), atMs: performance.now() - startedAt }),
      );
    });
    await sleep(700);
    expect(heard.map(({ text }) => text)).toEqual(['data: first\n\n', 'data: second\n\n']);
    expect((heard[1]?.atMs ?? 0) - (heard[0]?.atMs ?? 0)).toBeGreaterThan(100);
    expect(bench.streams.count).toBe(1);
    reader.destroy();
    await expect.poll(() => bench.streams.count).toBe(0);
  });

  test('lets the gateway stop while a stream is open', async () => {
    const stopping = await openBench({ kind });
    const reader = get({
      host: '127.0.0.1',
      port: stopping.port,
      path: '/api/clients/acme/stream',
      headers: stopping.as('member'),
      agent: false,
    });
    reader.on('error', () => undefined);
    reader.on('response', (response) => response.on('error', () => undefined).resume());
    await expect.poll(() => stopping.streams.count).toBe(1);
    const startedAt = performance.now();
    await stopping.stop();
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await expect.poll(() => stopping.streams.count).toBe(0);
  });

  test('answers others however many streams are open', async () => {
    const readers = Array.from({ length: 100 }, () =>
      get({
        host: '127.0.0.1',
        port: bench.port,
        path: '/api/clients/acme/stream',
        headers: bench.as('member'),
        agent: false,
      }),
    );
    for (const reader of readers) {
      reader.on('error', () => undefined);
      reader.on('response', (response) => response.on('error', () => undefined).resume());
    }
    await expect.poll(() => bench.streams.count, { timeout: 20_000 }).toBe(100);
    expect((await send(bench.port, '/api/open')).status).toBe(200);
    for (const reader of readers) reader.destroy();
    await expect.poll(() => bench.streams.count, { timeout: 5_000 }).toBe(0);
  });
});
