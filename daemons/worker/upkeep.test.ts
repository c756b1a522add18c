import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { retentionSettings } from '../../lib/core/config.ts';
import { newId } from '../../lib/core/ids.ts';
import { createDatabase, type Database } from '../../lib/db/database.ts';
import { allClients } from '../../lib/db/scope.ts';
import { createTestDatabase, type TestDatabase } from '../../lib/testing/database.ts';
import { aClient, openAsOwner } from '../../lib/testing/factories.ts';
import { anApiKey } from '../../lib/testing/lead-factories.ts';
import { findExpiringKeys } from '../lead/jobs.ts';
import { forget } from './upkeep.ts';

let cluster: TestDatabase;
let owner: Pool;
let database: Database;

beforeAll(async () => {
  cluster = await createTestDatabase();
  owner = openAsOwner(cluster);
  database = createDatabase({
    url: cluster.url,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 1,
  });
});
afterAll(async () => {
  await database.stop();
  await owner.end();
  await cluster.drop();
});

const SETTINGS = retentionSettings.parse({});
const forgetNow = (signal = new AbortController().signal) => forget(database, SETTINGS, signal);
const count = async (table: string) =>
  Number((await owner.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n);

test('expired sessions and used links go, those that still mean something stay', async () => {
  const userId = newId();
  await owner.query("INSERT INTO users (id, email) VALUES ($1, 'a@example.com')", [userId]);
  await owner.query(
    `INSERT INTO sessions (id, user_id, expires_at)
     SELECT gen_random_uuid(), $1, now() + (i - 3) * interval '1 hour' FROM generate_series(1, 6) i`,
    [userId],
  );
  await owner.query(
    `INSERT INTO refresh_tokens (token_hash, session_id, expires_at, used_at)
     SELECT sha256(('old' || id)::bytea), id, now() - interval '1 hour', now() FROM sessions
     UNION ALL SELECT sha256(id::text::bytea), id, expires_at, NULL FROM sessions`,
  );
  await owner.query(
    `INSERT INTO password_links (token_hash, user_id, expires_at, used_at) VALUES
       ($2, $1, now() - interval '1 hour', NULL), ($3, $1, now() + interval '1 day', now() - interval '2 days'),
       ($4, $1, now() + interval '1 day', NULL)`,
    [userId, randomBytes(32), randomBytes(32), randomBytes(32)],
  );
  expect(await forgetNow()).toMatchObject({ sessions: 3, refresh_tokens: 3, password_links: 2 });
  expect([
    await count('sessions'),
    await count('refresh_tokens'),
    await count('password_links'),
  ]).toEqual([3, 3, 1]);
});

test('more than a batch of old idempotency keys goes, younger ones stay', async () => {
  const { clientId } = await aClient(owner);
  await owner.query(
    `INSERT INTO idempotency_keys (client_id, key, fingerprint, lead_id, created_at)
     SELECT $1, i::text, '', gen_random_uuid(),
       now() - CASE WHEN i <= 4500 THEN interval '49 hours' ELSE interval '47 hours' END
     FROM generate_series(1, 4510) i`,
    [clientId],
  );
  expect(await forgetNow(AbortSignal.abort())).toMatchObject({ idempotency_keys: 0 });
  expect(await forgetNow()).toMatchObject({ idempotency_keys: 4_500 });
  expect(await count('idempotency_keys')).toBe(10);
});

test('old events go once every consumer has passed them, and not before', async () => {
  const { clientId } = await aClient(owner);
  const addEvents = () =>
    owner.query(
      `INSERT INTO events (client_id, lead_id, kind, created_at)
       SELECT $1, gen_random_uuid(), 'lead.created', now() - i * interval '100 days'
       FROM generate_series(1, 5) i`,
      [clientId],
    );
  await addEvents();
  expect(await forgetNow()).toMatchObject({ events: 0 });
  const passAll = (consumer: string) =>
    owner.query(
      `INSERT INTO event_cursors (consumer, xid, id)
       SELECT $1, xid, id FROM events ORDER BY xid DESC, id DESC LIMIT 1
       ON CONFLICT (consumer) DO UPDATE SET xid = EXCLUDED.xid, id = EXCLUDED.id`,
      [consumer],
    );
  await passAll('slow');
  await addEvents();
  await passAll('fast');
  expect(await forgetNow()).toMatchObject({ events: 2 });
  await passAll('slow');
  expect(await forgetNow()).toMatchObject({ events: 2 });
  expect(await count('events')).toBe(6);
});

test('keys that expire within the week are found, unless they are dead or replaced', async () => {
  const { clientId } = await aClient(owner);
  await owner.query(
    `INSERT INTO client_api_keys (id, client_id, name, key_hash, key_prefix, expires_at, revoked_at, replaced_at)
     SELECT gen_random_uuid(), $1, name, sha256(name::bytea), 'lk', now() + days * interval '1 day',
       CASE WHEN name = 'revoked' THEN now() END, CASE WHEN name = 'replaced' THEN now() END
     FROM (VALUES ('soon', 3), ('later', 30), ('past', -1), ('revoked', 3), ('replaced', 3)) AS k (name, days)`,
    [clientId],
  );
  const found = await database.inTransaction(allClients('a test'), (unit) =>
    findExpiringKeys(unit, { withinDays: 7 }),
  );
  expect(found.map(({ name }) => name)).toEqual(['soon']);
});

test('what strangers tried and what was refused is forgotten in time, what was changed never', async () => {
  const { clientId } = await aClient(owner);
  const { id: keyId } = await anApiKey(owner, { client: { clientId } });
  await owner.query(
    `INSERT INTO audit_log (id, at, actor_kind, action, target_kind, target_id)
     SELECT gen_random_uuid(), now() - days * interval '1 day', kind, 'login.failed', 'account', kind
     FROM (VALUES ('anonymous', 89), ('anonymous', 91), ('user', 91)) AS e (kind, days)`,
  );
  await owner.query(
    `INSERT INTO refusals (client_id, minute, key_id, origin, ip, reason, count, last_at)
     SELECT $1, now() - days * interval '1 day', $2, '', '192.0.2.1', 'rate_limited', 1, now()
     FROM unnest(ARRAY[29, 31]) days`,
    [clientId, keyId],
  );
  expect(await forgetNow()).toMatchObject({ security_events: 1, refusals: 1 });
  const { rows } = await owner.query(
    "SELECT target_id FROM audit_log WHERE action = 'login.failed' ORDER BY 1",
  );
  expect(rows).toEqual([{ target_id: 'anonymous' }, { target_id: 'user' }]);
  expect(await count('refusals')).toBe(1);
});
