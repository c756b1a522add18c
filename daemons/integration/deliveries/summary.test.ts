import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { createDatabase, type Database } from '../../../lib/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { aClient, aMembership, openAsOwner } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { summarise } from './summary.ts';

let testDatabase: TestDatabase;
let owner: Pool;
let database: Database;
let clientId: ClientId;

const HOUR_MS = 3_600_000;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  owner = openAsOwner(testDatabase);
  database = createDatabase({
    url: testDatabase.url,
    role: 'leadctl_integration',
    applicationName: 'summary-test',
    poolMax: 2,
  });
  ({ clientId } = await aClient(owner));
  await owner.query(
    `WITH made AS (
       INSERT INTO destinations (id, client_id, name, kind)
       VALUES (gen_random_uuid(), $1, 'whatsapp', 'whatsapp'), (gen_random_uuid(), $1, 'google_sheets', 'google_sheets')
       RETURNING id)
     INSERT INTO destination_versions (client_id, destination_id, version, settings)
     SELECT $1, id, 1, '{}' FROM made`,
    [clientId],
  );
  await owner.query(
    `INSERT INTO lanes (lane_key, client_id, destination_id, kind, account, held_at, held_code, held_message)
     SELECT l.lane_key, $1, t.id, t.kind, l.account, CASE WHEN l.code IS NOT NULL THEN now() END, l.code, l.message
     FROM (VALUES ('free', 'whatsapp', '1', NULL, NULL), ('held', 'google_sheets', 's', '403', 'not shared'))
       AS l(lane_key, name, account, code, message)
     JOIN destinations t ON t.client_id = $1 AND t.name = l.name`,
    [clientId],
  );
});

afterEach(async () => {
  await database.stop();
  await owner.end();
  await testDatabase.drop();
});

async function aDelivery(lane: string, status: string, assignee: string | null = null) {
  const id = newId();
  await owner.query(
    `INSERT INTO leads (id, client_id, source, raw_payload, assigned_to_user_client_id, created_at, updated_at)
     VALUES ($1, $2, 'website', '{}', $3, now(), now())`,
    [id, clientId, assignee],
  );
  await owner.query(
    `INSERT INTO deliveries (id, client_id, lead_id, destination_id, kind, lane_key, settings_version, status,
       next_attempt_at, lease)
     SELECT $1, $2, $3, destination_id, kind, lane_key, 1, $5, now(), CASE WHEN $5 = 'delivering' THEN $1::uuid END
     FROM lanes WHERE lane_key = $4`,
    [newId(), clientId, id, lane, status],
  );
}

const seen = (actor: Parameters<typeof summarise>[1], since = new Date(Date.now() - HOUR_MS)) =>
  database.inTransaction(clientScope(clientId), (unit) => summarise(unit, actor, since));

test('counts every state, names the held lane first with its reason and what waits in it', async () => {
  for (const status of ['pending', 'delivering', 'delivered', 'retrying', 'unknown', 'failed']) {
    await aDelivery('free', status);
  }
  for (const status of ['held', 'held', 'delivered']) await aDelivery('held', status);
  const summary = await seen(asAdmin());
  expect(summary.by_status).toEqual({
    pending: 1,
    delivering: 1,
    delivered: 2,
    retrying: 1,
    unknown: 1,
    failed: 1,
    held: 2,
    skipped: 0,
  });
  expect(summary.lanes).toMatchObject([
    { lane: 'held', held_code: '403', held_message: 'not shared', waiting: 2 },
    { lane: 'free', held_at: null, waiting: 4 },
  ]);
  const later = await seen(asAdmin(), new Date(Date.now() + HOUR_MS));
  expect(later.by_status).toMatchObject({ delivered: 0, held: 2, failed: 1 });
});

test('counts only what belongs to the actor’s part of the hierarchy', async () => {
  const client = { clientId, name: '' };
  const boss = await aMembership(owner, { client });
  const rep = await aMembership(owner, { client, reportsTo: boss });
  await aDelivery('free', 'failed', rep.id);
  await aDelivery('free', 'failed');
  expect((await seen(asMember(boss))).by_status.failed).toBe(2);
  expect((await seen(asMember(rep))).by_status.failed).toBe(1);
});
