import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { createNotificationHub, type NotificationHub } from '../db/notifications.ts';
import { createLogger } from '../telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { hasMongoServer, startMongoServer, type MongoServer } from '../testing/mongo-server.ts';
import { createJobs } from './jobs.ts';

const log = createLogger({ service: 'test', version: 'test', level: 'silent' });
/** What a host grants a daemon for stopping. */
const STOP_WITHIN_MS = 9_000;

describe.runIf(hasMongoServer())('a MongoDB that is not well', () => {
  let database: TestDatabase;
  let hub: NotificationHub;
  let server: MongoServer;

  beforeAll(async () => {
    server = await startMongoServer();
    database = await createTestDatabase();
    hub = await createNotificationHub({
      url: database.url,
      role: 'leadctl_worker',
      applicationName: 'test',
      log,
    });
  }, 30_000);

  afterAll(async () => {
    await hub.stop();
    await database.drop();
    await server.kill();
  });

  const create = () =>
    createJobs({
      jobsUrl: server.url('jobs'),
      databaseUrl: database.url,
      hub,
      log,
      clock: systemClock,
    });

  test('keeps its address to itself, and lets the process stop in time', async () => {
    const jobs = create();
    await jobs.start();
    await jobs.check();
    await server.kill();
    await expect(jobs.check()).rejects.toThrow(/^the store of jobs does not answer$/);
    const startMs = performance.now();
    await jobs.stop();
    expect(performance.now() - startMs).toBeLessThan(STOP_WITHIN_MS);
    await server.start();
  }, 30_000);

  test('leaves no connection behind for each vain try', async () => {
    const proxy = await proxyRefusing('createIndexes', Number(new URL(server.url('jobs')).port));
    const jobs = createJobs({
      jobsUrl: proxy.url,
      databaseUrl: database.url,
      hub,
      log,
      clock: systemClock,
    });
    const starting = jobs.start();
    await expect.poll(() => proxy.refused(), { timeout: 15_000 }).toBeGreaterThan(3);
    await jobs.stop();
    expect(await starting).toBe('stopped');
    await expect.poll(() => proxy.open(), { timeout: 5_000 }).toBe(0);
    await proxy.stop();
  }, 30_000);
});

/** Passes everything on to the port but requests with this word, whose connection it cuts. */
async function proxyRefusing(word: string, port: number) {
  const sockets = new Set<Socket>();
  let refused = 0;
  const proxy = createServer((socket) => {
    const upstream = connect(port, '127.0.0.1');
    sockets.add(socket);
    const end = () => {
      sockets.delete(socket);
      socket.destroy();
      upstream.destroy();
    };
    for (const each of [socket, upstream]) each.on('close', end).on('error', end);
    socket.on('data', (chunk) => {
      if (chunk.includes(word)) {
        refused += 1;
        end();
      } else upstream.write(chunk);
    });
    upstream.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port was given');
  return {
    url: `mongodb://127.0.0.1:${address.port}/jobs`,
    refused: () => refused,
    open: () => sockets.size,
    async stop() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
