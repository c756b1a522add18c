import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { createPool } from '../../../lib/db/pool.ts';
import { createLogger } from '../../../lib/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { aClient, type TestClient } from '../../../lib/testing/factories.ts';
import type { LeadDraft } from '../writing/draft.ts';
import { storeLeads } from './store.ts';

let db: TestDatabase;
let owner: Client;
let pool: ReturnType<typeof createPool>;
let client: TestClient;

beforeAll(async () => {
  db = await createTestDatabase();
  owner = new Client({ connectionString: db.url });
  await owner.connect();
  const log = createLogger({ service: 'test', version: 'test', level: 'silent' });
  const login = { url: db.url, role: 'leadctl_ingest', applicationName: 'test' } as const;
  pool = createPool({ ...login, max: 1 }, log);
});
afterAll(async () => {
  await Promise.all([pool.end(), owner.end()]);
  await db.drop();
});
beforeEach(async () => {
  client = await aClient(owner);
});

const aLead = (change: Partial<LeadDraft> = {}): LeadDraft => ({
  id: newId(),
  client_id: client.clientId,
  traceparent: null,
  name: 'Ada "Lovelace", \\ {1,2}',
  email: null,
  phone: '+14155550123',
  phone_valid: true,
  source: 'website',
  lead_reference_id: null,
  product_id: null,
  assigned_to_user_client_id: null,
  consent: '{"marketing":true}',
  status: 'spam',
  api_key_id: null,
  warnings: '["a warning"]',
  raw_payload: '{"name":"Ada"}',
  idempotency_key: null,
  fingerprint: null,
  created_at: new Date('2026-01-02T03:04:05.678Z'),
  ...change,
});

const shown = async (id: string) => {
  const { rows } = await owner.query('SELECT * FROM leads WHERE id = $1', [id]);
  const events = await owner.query('SELECT client_id, kind FROM events WHERE lead_id = $1', [id]);
  const { id: _id, lead_reference_id: _reference, ...row } = rows[0];
  return { row, events: events.rows };
};

test('a batch in which nothing can be a duplicate is stored as one that is looked through', async () => {
  const plain = aLead();
  const referenced = aLead({ lead_reference_id: 'r-1' });
  expect(await storeLeads(pool, [plain])).toEqual(['stored']);
  expect(await storeLeads(pool, [referenced])).toEqual(['stored']);
  expect(await shown(plain.id)).toEqual(await shown(referenced.id));
  expect((await shown(plain.id)).events).toEqual([
    { client_id: client.clientId, kind: 'lead.created' },
  ]);
});

test('one lead with a reference has its whole batch looked through', async () => {
  const first = aLead({ lead_reference_id: 'r-2' });
  expect(await storeLeads(pool, [aLead(), first])).toEqual(['stored', 'stored']);
  const again = aLead({ lead_reference_id: 'r-2' });
  expect(await storeLeads(pool, [aLead(), again, aLead()])).toEqual([
    'stored',
    'duplicate',
    'stored',
  ]);
});

test('a lead of a client, or by a key, that does not exist is not stored', async () => {
  const stranger = aLead({ client_id: 'nobody' });
  await expect(storeLeads(pool, [stranger])).rejects.toThrow(/foreign key/);
  const keyless = aLead({ api_key_id: newId() });
  await expect(storeLeads(pool, [keyless])).rejects.toThrow(/foreign key/);
});
