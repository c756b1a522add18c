import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded.ts';
import { identifyProcess } from './process-identity.ts';
import { isRoot } from './run-as.ts';

async function makeScratchDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'leadctl-pg-'));
  // So that, under root, the server's user passes.
  await chmod(dir, 0o755);
  return dir;
}

async function scratchDir(): Promise<string> {
  const dir = await makeScratchDir();
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function start(options: EmbeddedPostgresOptions) {
  const server = await startEmbeddedPostgres(options);
  onTestFinished(() => server.stop());
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a restart keeps the data, and a durable server confirms commits only when they are on disk', async () => {
  const dataDir = join(await scratchDir(), 'data');
  const first = await start({ dataDir });
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  expect(await query(first.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  expect(await query(first.url, 'SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  await first.stop();
  expect(await first.exited).toEqual({ code: 0, signal: null });

  const second = await start({ dataDir });
  expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
}, 20_000);

test('after kill -9 of the server a start recovers what was committed', async () => {
  const dataDir = join(await scratchDir(), 'data');
  const first = await start({ dataDir });
  await query(first.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const second = await start({ dataDir });
  expect(await query(second.url, 'SELECT count(*)::int FROM kept')).toEqual([{ count: 1000 }]);
}, 20_000);

test('a server whose starter was killed is stopped and started afresh, with its data', async () => {
  const dataDir = join(await scratchDir(), 'data');
  const module = JSON.stringify(new URL('./embedded.ts', import.meta.url).href);
  const script = `
    const { startEmbeddedPostgres } = await import(${module});
    const { url, pid } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(JSON.stringify({ url, pid }));`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line]: unknown[] = await once(starter.stdout, 'data');
  const left: { url: string; pid: number } = JSON.parse(String(line));
  await query(left.url, 'CREATE TABLE kept AS SELECT 1 AS n');

  await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
    `process ${starter.pid} runs it`,
  );

  const killed = once(starter, 'exit');
  starter.kill('SIGKILL');
  await killed;
  expect(await identifyProcess(left.pid)).not.toBeNull();

  const second = await start({ dataDir });
  expect(await identifyProcess(left.pid)).toBeNull();
  expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
}, 20_000);

describe('a running server', () => {
  const lines: string[] = [];
  let dir: string;
  let dataDir: string;
  let server: EmbeddedPostgres;

  beforeAll(async () => {
    dir = await makeScratchDir();
    dataDir = join(dir, 'data');
    server = await startEmbeddedPostgres({
      dataDir,
      durable: false,
      onLog: (line) => lines.push(line),
    });
  });
  afterAll(async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('leads a process group of its own, which Ctrl-C at our terminal does not reach', () => {
    expect(process.kill(-server.pid, 0)).toBe(true);
  });

  test('has a random password, kept for the owner alone, and asks for it', async () => {
    const file = join(dataDir, 'postgres.password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(new URL(server.url).password).toBe((await readFile(file, 'utf8')).trim());

    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('never writes a row’s values into its log', async () => {
    await query(server.url, 'CREATE TABLE people (email text UNIQUE)');
    const insert = "INSERT INTO people VALUES ('ann@private.example')";
    await query(server.url, insert);
    await expect(query(server.url, insert)).rejects.toMatchObject({ code: '23505' });
    await vi.waitFor(() => expect(lines.join('\n')).toContain('duplicate key'));
    expect(lines.join('\n')).not.toContain('ann@private.example');
  });

  test('keeps its port: another that is told to use it says so, with what to do', async () => {
    const other = { dataDir: join(dir, 'other'), durable: false, port: server.port };
    await expect(start(other)).rejects.toThrow(`Port ${server.port} is taken`);
  });
});

test.skipIf(!isRoot())(
  'as root, a data directory closed to the postgres user gets its cluster elsewhere (skipped: needs root)',
  async () => {
    const dir = await scratchDir();
    const home = join(dir, 'closed');
    const sharedDir = join(dir, 'shared');
    const options = { dataDir: join(home, '.leadctl'), durable: false, sharedDir };
    await mkdir(home, { mode: 0o700 });

    const first = await start(options);
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();
    const location: { homeDir: string } = JSON.parse(
      await readFile(join(options.dataDir, 'postgres-location.json'), 'utf8'),
    );
    expect(location.homeDir.startsWith(join(sharedDir, 'data'))).toBe(true);
    expect((await stat(home)).mode & 0o777).toBe(0o700);

    const copy = join(home, 'copy');
    await cp(options.dataDir, copy, { recursive: true });
    await expect(start({ ...options, dataDir: copy })).rejects.toThrow(`is a copy of`);
    await rm(copy, { recursive: true });

    const second = await start(options);
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await second.stop();

    await rm(options.dataDir, { recursive: true });
    const afresh = await start(options);
    expect(await query(afresh.url, "SELECT to_regclass('kept') AS t")).toEqual([{ t: null }]);
    expect(await readdir(home)).toEqual(['.leadctl']);
  },
  20_000,
);
