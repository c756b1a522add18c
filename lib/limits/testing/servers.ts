import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { createTestDatabase } from '../../testing/database.ts';
import { freePort } from '../../testing/free-port.ts';
import { hasMongoServer, startMongoServer } from '../../testing/mongo-server.ts';

/** Where a store of one kind is, for one test file. */
export interface StoreServer {
  readonly url: string;
  stop(): Promise<void>;
}

export interface StoreKind {
  readonly kind: 'memory' | 'postgres' | 'redis' | 'mongodb';
  /** Why it cannot be tested on this machine. */
  readonly missing?: string;
  start(): Promise<StoreServer>;
}

const mongoUrl = process.env['TEST_MONGODB_URL'];
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export const STORE_KINDS: readonly StoreKind[] = [
  { kind: 'memory', start: async () => ({ url: 'memory:', stop: async () => undefined }) },
  {
    kind: 'postgres',
    async start() {
      const database = await createTestDatabase();
      return { url: database.url, stop: () => database.drop() };
    },
  },
  {
    kind: 'redis',
    ...(hasRedis
      ? {}
      : { missing: 'there is no redis-server (Debian: apt-get install redis-server)' }),
    start: startRedis,
  },
  {
    kind: 'mongodb',
    ...(mongoUrl !== undefined || hasMongoServer()
      ? {}
      : { missing: 'there is no server, and TEST_MONGODB_URL names none' }),
    start: () => (mongoUrl === undefined ? startMongo() : databaseOf(mongoUrl)),
  },
];

async function startMongo(): Promise<StoreServer> {
  const server = await startMongoServer();
  return { url: server.url('limits'), stop: () => server.kill() };
}

async function databaseOf(serverUrl: string): Promise<StoreServer> {
  const url = new URL(serverUrl);
  url.pathname = `/limits_${randomBytes(6).toString('hex')}`;
  return { url: url.href, stop: async () => undefined };
}

const START_TIMEOUT_MS = 10_000;

async function startRedis(): Promise<StoreServer> {
  const dir = await mkdtemp(join(tmpdir(), 'leadctl-redis-'));
  const port = await freePort();
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error('redis did not start')), START_TIMEOUT_MS);
    server.once('error', reject);
    server.once('exit', () => reject(new Error('redis ended')));
    server.stdout.on('data', (text: Buffer) => {
      if (!text.includes('Ready to accept connections')) return;
      clearTimeout(tooLate);
      resolve();
    });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      server.kill('SIGKILL');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
