import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isFailure } from '../../../lib/core/errors.ts';
import type { Stoppable } from '../../../lib/core/lifecycle.ts';
import { createDatabase, type Database } from '../../../lib/db/database.ts';
import { createNotificationHub, type NotificationHub } from '../../../lib/db/notifications.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { createLogger } from '../../../lib/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { aClient, openAsOwner, type TestClient } from '../../../lib/testing/factories.ts';
import { asAdmin, asUser } from '../../../lib/testing/identities.ts';
import { newId } from '../../../lib/core/ids.ts';
import { createLeadStreams, type LeadStreams } from './service.ts';

let testDatabase: TestDatabase;
let owner: Pool;
let database: Database;
let hub: NotificationHub;
let client: TestClient;
let streams: LeadStreams & Stoppable;
/** Transactions that the streams have begun. */
let transactions = 0;

const log = createLogger({ service: 'lead', version: 'test', level: 'silent' });

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  owner = openAsOwner(testDatabase);
  const connection = {
    url: testDatabase.url,
    role: 'leadctl_lead',
    applicationName: 'leadctl-test',
  } as const;
  const pool = createDatabase({ ...connection, poolMax: 3 });
  database = {
    ...pool,
    inTransaction(scope, work) {
      transactions += 1;
      return pool.inTransaction(scope, work);
    },
  };
  hub = await createNotificationHub({ ...connection, log });
  client = await aClient(owner);
});
beforeEach(() => {
  streams = createLeadStreams({ database, hub, log, limits: { perUser: 2, perProcess: 60 } });
});
afterEach(() => streams.stop());
afterAll(async () => {
  await hub.stop();
  await database.stop();
  await owner.end();
  await testDatabase.drop();
});

async function open(actor: UserIdentity = asAdmin(), lastEventId?: string) {
  const { signal } = new AbortController();
  const opened = await streams.open(actor, client.clientId, { lastEventId, signal });
  if (!isFailure(opened)) opened.resume();
  return opened;
}

async function opened(count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += 1) expect(isFailure(await open())).toBe(false);
}

test('a user has so many streams at a time, and one that ends makes room', async () => {
  const user = asAdmin();
  const first = await open(user);
  await open(user);
  expect(await open(user)).toMatchObject({
    code: 'rate_limited',
    extra: { retryAfterSeconds: 10 },
  });
  expect(isFailure(await open())).toBe(false);
  if (!isFailure(first)) first.destroy();
  await expect.poll(async () => isFailure(await open(user))).toBe(false);
});

test('a process serves so many streams at a time, and says when to come back', async () => {
  await opened(60);
  expect(await open()).toMatchObject({
    code: 'upstream_unavailable',
    extra: { retryAfterSeconds: 10 },
  });
});

test('a stream that is refused takes no place', async () => {
  const user = asAdmin();
  for (let nth = 0; nth < 5; nth += 1) {
    expect(await open(user, 'yesterday')).toMatchObject({ code: 'validation_failed' });
  }
  expect(isFailure(await open(user))).toBe(false);
});

test('a position that lies ahead of all that ever happened is refused', async () => {
  expect(await open(asAdmin(), `${'9'.repeat(18)}-1`)).toMatchObject({ code: 'validation_failed' });
});

test('without a membership there is nothing to follow', async () => {
  expect(await open(asUser({ id: newId() }))).toMatchObject({ code: 'not_found' });
});

test('a caller who is gone already leaves nothing open', async () => {
  const user = asAdmin();
  for (let nth = 0; nth < 5; nth += 1) {
    const signal = AbortSignal.abort();
    const stream = await streams.open(user, client.clientId, { lastEventId: undefined, signal });
    expect(isFailure(stream)).toBe(false);
    await sleep(5);
  }
});

test('however many follow and however often others announce something, a client is read 40 times a second', async () => {
  await opened(50);
  await sleep(300);
  transactions = 0;
  const untilMs = Date.now() + 1_000;
  while (Date.now() < untilMs) await owner.query('NOTIFY leadctl_events');
  expect(transactions).toBeGreaterThan(5);
  expect(transactions).toBeLessThanOrEqual(45);
});

test('a quiet client is looked at once a second, however many follow', async () => {
  await opened(50);
  await sleep(2_000);
  transactions = 0;
  await sleep(2_000);
  expect(transactions).toBeGreaterThanOrEqual(1);
  expect(transactions).toBeLessThanOrEqual(3);
});

test('a sign of life comes in time, and nothing is lost to who resumes at it', async () => {
  const quick = createLeadStreams({ database, hub, log, limits: { heartbeatMs: 50 } });
  const { signal } = new AbortController();
  const stream = await quick.open(asAdmin(), client.clientId, { lastEventId: undefined, signal });
  if (isFailure(stream)) throw new Error(stream.detail);
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  await expect.poll(() => text.split(': still here').length).toBeGreaterThan(3);
  const ids = new Set(text.match(/^id: .*$/gm));
  expect([...ids]).toEqual(['id: 0-0']);
  await quick.stop();
});

test('stopping ends every stream', async () => {
  const stream = await open();
  await streams.stop();
  expect(!isFailure(stream) && stream.destroyed).toBe(true);
  expect(await open()).toMatchObject({ code: 'upstream_unavailable' });
});
