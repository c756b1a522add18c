import { Agent, get } from 'node:http';
import { createServer, type Socket } from 'node:net';
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
    await expect.poll(() => bench.streams.count, { timeout: 5_000 }).toBe(100);
    expect((await send(bench.port, '/api/open')).status).toBe(200);
    for (const reader of readers) reader.destroy();
    await expect.poll(() => bench.streams.count, { timeout: 5_000 }).toBe(0);
  });
});

describe('a daemon behind a socket', () => {
  const withEcho = async (port: number, work: (bench: GatewayBench) => Promise<void>) => {
    const bench = await openBench({
      kind: 'http',
      echoTarget: { kind: 'http', baseUrl: `http://127.0.0.1:${port}` },
      answerTimeoutMs: 400,
    });
    try {
      await work(bench);
    } finally {
      await bench.stop();
    }
  };
  const withServer = async (
    onConnection: (socket: Socket) => void,
    work: (bench: GatewayBench) => Promise<void>,
  ) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    await withEcho(address.port, work);
    server.close();
  };
  const twice = async (bench: GatewayBench) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const answer = await send(bench.port, '/api/upload', {
      method: 'PUT',
      body: 'x'.repeat(MB),
      agent,
    });
    const next = await send(bench.port, '/api/nothing', { agent });
    agent.destroy();
    return [answer.status, answer.headers['retry-after'], codeOf(answer), next.status];
  };

  test('that is down is a 503, also for a request with a body, and the caller may go on', async () => {
    await withEcho(1, async (bench) => {
      expect(await twice(bench)).toEqual([503, '2', 'upstream_unavailable', 404]);
    });
  });

  test('that breaks off before its answer is a 502', async () => {
    await withServer(
      (socket) => socket.once('data', () => socket.destroy()),
      async (bench) => {
        expect(await twice(bench)).toEqual([502, '2', 'upstream_unavailable', 404]);
      },
    );
  });

  test('that answers what is no HTTP is a 502', async () => {
    await withServer(
      (socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')),
      async (bench) => {
        expect((await send(bench.port, '/api/open')).status).toBe(502);
      },
    );
  });

  test('that accepts and says nothing is a 504, also for a request with a body', async () => {
    await withServer(
      () => undefined,
      async (bench) => {
        expect(await twice(bench)).toEqual([504, '5', 'upstream_unavailable', 404]);
      },
    );
  });

  test('that breaks off in its answer breaks off the answer, rather than pretend it was whole', async () => {
    await withServer(
      (socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
          setTimeout(() => socket.destroy(), 50);
        }),
      async (bench) => {
        await expect(send(bench.port, '/api/open')).rejects.toThrow(/aborted|hang up/);
      },
    );
  });

  test('has its hop-by-hop headers kept from the caller', async () => {
    await withServer(
      (socket) =>
        socket.once('data', () =>
          socket.end(
            'HTTP/1.1 200 OK\r\nConnection: close\r\nKeep-Alive: timeout=1\r\nUpgrade: h2c\r\n' +
              'Proxy-Authenticate: Basic\r\nX-Kept: yes\r\nContent-Length: 2\r\n\r\n{}',
          ),
        ),
      async (bench) => {
        const { headers } = await send(bench.port, '/api/open', {
          agent: new Agent({ keepAlive: true }),
        });
        expect(headers).toMatchObject({ 'x-kept': 'yes', connection: 'keep-alive' });
        expect(headers).not.toHaveProperty('upgrade');
        expect(headers).not.toHaveProperty('proxy-authenticate');
      },
    );
  });
});
