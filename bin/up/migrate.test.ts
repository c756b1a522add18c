import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../../lib/testing/database.ts';
import { startRelay } from '../../lib/testing/relay.ts';
import { migrateDatabase } from './migrate.ts';

const WAIT_MS = 30_000;

async function databaseBehindARelay() {
  const database = await createTestDatabase();
  const url = new URL(database.url);
  const relay = await startRelay({ host: url.hostname, port: Number(url.port) });
  onTestFinished(async () => {
    await relay.stop();
    await database.drop();
  });
  url.hostname = '127.0.0.1';
  url.port = String(relay.port);
  return { relay, url: url.href };
}

test('migrating waits for a database that does not answer yet, as long as it is told', async () => {
  const { relay, url } = await databaseBehindARelay();
  const { signal } = new AbortController();
  relay.cut();
  await expect(migrateDatabase(url, { waitMs: 1_000, signal })).rejects.toThrow(/./);
  const migrating = migrateDatabase(url, { waitMs: WAIT_MS, signal });
  setTimeout(relay.mend, 1_500);
  expect(await migrating).toMatchObject({ applied: [] });
});

test('a wrong password is told at once, however long it may wait', async () => {
  const { url } = await databaseBehindARelay();
  const wrong = new URL(url);
  wrong.username = 'nobody_of_that_name';
  const { signal } = new AbortController();
  const startMs = performance.now();
  await expect(migrateDatabase(wrong.href, { waitMs: WAIT_MS, signal })).rejects.toThrow(/./);
  expect(performance.now() - startMs).toBeLessThan(WAIT_MS);
});
