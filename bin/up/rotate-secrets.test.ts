import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureDataDir } from '../../lib/postgres/data-dir.ts';
import { acquireDataDir } from '../../lib/postgres/data-dir-lock.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../lib/postgres/embedded.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { openFor, sealFor } from '../../lib/secrets/sealed.ts';
import { embeddedFernetKeys, embeddedSecrets } from '../host/secrets.ts';
import { migrateDatabase } from './migrate.ts';
import { rotateAllSecrets, type RotateOptions } from './rotate-secrets.ts';

const BINDING = { clientId: 'acme', field: 'meta.page_access_token' };

let scratch: string;
let dataDir: string;
let postgres: EmbeddedPostgres | undefined;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'leadctl-rotate-'));
  // So that, under root, the server's user passes.
  await chmod(scratch, 0o755);
  dataDir = await ensureDataDir(join(scratch, 'data'));
  await embeddedSecrets(dataDir);
  postgres = await startEmbeddedPostgres({ dataDir, durable: false });
  await migrateDatabase(postgres.url, { waitMs: 0, signal: new AbortController().signal });
  const sealed = sealFor(createKeyring(await keys()), BINDING, 'the token');
  const accessToken = { sealed, fingerprint: '', updated_at: new Date().toISOString() };
  await withDatabase(postgres.url, async (client) => {
    await client.query("INSERT INTO clients (client_id, name) VALUES ('acme', 'Acme')");
    await client.query("INSERT INTO client_integrations (client_id, config) VALUES ('acme', $1)", [
      { meta: { page_access_token: accessToken } },
    ]);
  });
}, 60_000);

afterAll(async () => {
  await postgres?.stop();
  await rm(scratch, { recursive: true, force: true });
});

async function withDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function keys(): Promise<readonly string[]> {
  return (await embeddedFernetKeys(dataDir))?.keys ?? [];
}

/** What the ring opens of what is stored, as a daemon that starts now would. */
async function opened(ring: readonly string[]): Promise<string> {
  const url = postgres?.url ?? '';
  const { rows } = await withDatabase(url, (client) =>
    client.query(
      "SELECT config #>> '{meta,page_access_token,sealed}' AS sealed FROM client_integrations",
    ),
  );
  const found = openFor(createKeyring(ring), BINDING, rows[0].sealed);
  return found.ok ? found.secret : found.reason;
}

const rotate = (over: Partial<RotateOptions> = {}) =>
  rotateAllSecrets({
    env: {},
    dataDir,
    isDryRun: false,
    withNewKey: false,
    dropOldKeys: false,
    onProgress: async () => undefined,
    ...over,
  });

async function runningSince(startedAt: Date) {
  const lock = await acquireDataDir(dataDir, {
    holder: { pid: process.pid, startedAt: startedAt.toISOString() },
  });
  if (!lock.ok) throw new Error('somebody else holds the directory');
  return lock;
}

test('while it runs a new key seals nothing until a restart; then all goes under it', async () => {
  const [old = ''] = await keys();
  const before = await runningSince(new Date(Date.now() - 60_000));
  expect(await rotate({ withNewKey: true })).toMatchObject({ report: undefined, keyAdded: true });
  const [fresh = '', second] = await keys();
  expect(second).toBe(old);
  expect(await opened([old])).toBe('the token');
  await expect(rotate()).rejects.toThrow('do not know the newest key yet');
  await before.release();

  const restarted = await runningSince(new Date(Date.now() + 1_000));
  expect(await rotate({ isDryRun: true })).toMatchObject({ report: { rotated: 1 } });
  expect(await opened([fresh])).toBe('unknown_key');
  expect(await rotate({ dropOldKeys: true })).toMatchObject({
    report: { rotated: 1, failed: [] },
    oldKeysDropped: true,
  });
  expect(await opened([fresh])).toBe('the token');
  expect(await keys()).toEqual([fresh]);
  await restarted.release();
});

test('while nothing runs it is all done in one go', { timeout: 30_000 }, async () => {
  await postgres?.stop();
  postgres = undefined;
  const outcome = await rotate({ withNewKey: true, dropOldKeys: true });
  expect(outcome).toMatchObject({ report: { rotated: 1 }, keyAdded: true, oldKeysDropped: true });
  postgres = await startEmbeddedPostgres({ dataDir, durable: false });
  expect(await opened(await keys())).toBe('the token');
});

test('the secrets stay readable by their owner alone, and no key shows in an error', async () => {
  const file = join(dataDir, 'secrets.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(file, 'utf8'))).toHaveProperty('JWT_SECRETS');
  await expect(rotate({ dataDir: undefined, withNewKey: true })).rejects.toThrow('--new-key');
  await expect(rotate({ dataDir: join(dataDir, 'nothing') })).rejects.toThrow('no installation');
});
