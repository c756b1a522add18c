import { Agent } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openBench, type GatewayBench } from './testing/bench.ts';
import { codeOf, send } from './testing/send.ts';

const MB = 1024 * 1024;

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
