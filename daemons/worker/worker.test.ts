import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../../lib/testing/daemon.ts';
import { createTestDatabase, type TestDatabase } from '../../lib/testing/database.ts';
import { workerContract, type WorkerContract } from './contract.ts';
import { createWorkerDaemon, workerSettings } from './daemon.ts';

let database: TestDatabase;
let daemon: TestDaemon<WorkerContract>;

beforeAll(async () => {
  database = await createTestDatabase();
  daemon = await startTestDaemon({
    contract: workerContract,
    database,
    create: (deps) =>
      createWorkerDaemon(
        deps,
        workerSettings.parse({
          DATABASE_URL: database.url,
          FERNET_KEYS: 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
          META_APP_SECRET: 'a meta app secret',
        }),
      ),
  });
});

afterAll(async () => {
  await daemon.stop();
  await database.drop();
});

const status = async (path: string) => (await fetch(daemon.url + path)).status;

test('is ready once it may work on jobs, and tells its figures', async () => {
  await expect.poll(() => status('/ready'), { timeout: 5_000 }).toBe(200);
  const ready: unknown = await (await fetch(`${daemon.url}/ready`)).json();
  const ok = { status: 'ok' };
  expect(ready).toMatchObject({ checks: { database: ok, jobs: ok, notifications: ok } });
  expect(await (await fetch(`${daemon.url}/metrics`)).text()).toContain('delivery_attempts_total');
});

test('serves nobody', async () => {
  expect(await status('/')).toBe(401);
});
