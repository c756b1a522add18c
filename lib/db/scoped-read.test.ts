import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { clientIdSchema, newId } from '../core/ids.ts';
import { createLogger } from '../telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { aClient, openAsOwner, type TestClient } from '../testing/factories.ts';
import { createPool } from './pool.ts';
import { clientScope } from './scope.ts';
import { scopedRead } from './scoped-read.ts';

let db: TestDatabase;
let owner: Pool;
/** Of one connection, so that what a read leaves behind would meet the next. */
let pool: Pool;
let clients: readonly { client: TestClient; leadId: string }[];

beforeAll(async () => {
  db = await createTestDatabase();
  owner = openAsOwner(db);
  const log = createLogger({ service: 'test', version: 'test', level: 'silent' });
  const login = { url: db.url, role: 'leadctl_lead', applicationName: 'test' } as const;
  pool = createPool({ ...login, max: 1 }, log);
  clients = [await aClientWithLead(), await aClientWithLead()];
});
afterAll(async () => {
  await Promise.all([pool.end(), owner.end()]);
  await db.drop();
});

async function aClientWithLead() {
  const client = await aClient(owner);
  const leadId = newId();
  await owner.query(
    `INSERT INTO leads (id, client_id, name, source, raw_payload, created_at, updated_at)
     VALUES ($1, $2, 'Ada', 'website', '{}', now(), now())`,
    [leadId, client.clientId],
  );
  return { client, leadId };
}

const byId = {
  name: 'by-id',
  // Without naming the client: only row-level security keeps others' rows away here.
  text: 'SELECT leads.id, leads.client_id FROM leads WHERE leads.id = $2',
  row: z.object({ id: z.string(), client_id: z.string() }),
};
const find = (clientId: string, leadId: string) =>
  scopedRead(pool)(clientScope(clientIdSchema.parse(clientId)), byId, [leadId]);

test('a read sees its own client’s rows and nobody else’s, call after call on one connection', async () => {
  for (let round = 0; round < 10; round += 1) {
    for (const mine of clients) {
      for (const { client, leadId } of clients) {
        const rows = await find(mine.client.clientId, leadId);
        expect(rows.map((row) => row.client_id)).toEqual(
          mine.client === client ? [client.clientId] : [],
        );
      }
    }
  }
});

test('what it set is gone with it: the connection sees nothing without a scope', async () => {
  const [{ client, leadId } = { client: { clientId: '' }, leadId: '' }] = clients;
  expect(await find(client.clientId, leadId)).toHaveLength(1);
  const after = await pool.query("SELECT current_setting('app.client_id', true) AS setting");
  expect(after.rows[0]?.setting ?? '').toBe('');
  expect((await pool.query('SELECT id FROM leads')).rows).toEqual([]);
});

test.each([
  'SET plan_cache_mode = force_generic_plan',
  'SET plan_cache_mode = force_custom_plan',
  'SET enable_nestloop = off',
  'SET enable_indexscan = off; SET enable_bitmapscan = off',
  'SET enable_seqscan = off; SET enable_material = off',
  'SET max_parallel_workers_per_gather = 4; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0',
])(
  'whatever the planner prefers (%s), the scope is entered before rows are looked at',
  async (setting) => {
    const fresh = createPool(
      { url: db.url, role: 'leadctl_lead', applicationName: 'test', max: 1 },
      createLogger({ service: 'test', version: 'test', level: 'silent' }),
    );
    await fresh.query(setting);
    const read = scopedRead(fresh);
    for (const mine of clients) {
      const scope = clientScope(clientIdSchema.parse(mine.client.clientId));
      for (const { client, leadId } of clients) {
        expect(await read(scope, byId, [leadId])).toHaveLength(mine.client === client ? 1 : 0);
      }
    }
    await fresh.end();
  },
);
