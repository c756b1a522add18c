import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { createPool } from '../../../lib/db/pool.ts';
import { createLogger } from '../../../lib/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { aClient, type TestClient } from '../../../lib/testing/factories.ts';
import { insertLeads, type IncomingLead } from './store.ts';

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

const aLead = (change: Partial<IncomingLead> = {}): IncomingLead => ({
  id: newId(),
  clientId: client.clientId,
  traceparent: null,
  name: 'Ada "Lovelace", \\ {1,2}',
  email: null,
  phone: '+14155550123',
  phoneValid: true,
  source: 'website',
  leadReferenceId: null,
  productId: null,
  consent: '{"marketing":true}',
  status: 'spam',
  apiKeyId: null,
  warnings: '["a warning"]',
  rawPayload: '{"name":"Ada"}',
  idempotencyKey: null,
  fingerprint: null,
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
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
  const referenced = aLead({ leadReferenceId: 'r-1' });
  expect(await insertLeads(pool, [plain])).toEqual(['stored']);
  expect(await insertLeads(pool, [referenced])).toEqual(['stored']);
  expect(await shown(plain.id)).toEqual(await shown(referenced.id));
  expect((await shown(plain.id)).events).toEqual([
    { client_id: client.clientId, kind: 'lead.created' },
  ]);
});

test('one lead with a reference has its whole batch looked through', async () => {
  const first = aLead({ leadReferenceId: 'r-2' });
  expect(await insertLeads(pool, [aLead(), first])).toEqual(['stored', 'stored']);
  const again = aLead({ leadReferenceId: 'r-2' });
  expect(await insertLeads(pool, [aLead(), again, aLead()])).toEqual([
    'stored',
    'duplicate',
    'stored',
  ]);
});

test('a lead of a client, or by a key, that does not exist is not stored', async () => {
  const stranger = aLead({ clientId: 'nobody' });
  await expect(insertLeads(pool, [stranger])).rejects.toThrow(/foreign key/);
  const keyless = aLead({ apiKeyId: newId() });
  await expect(insertLeads(pool, [keyless])).rejects.toThrow(/foreign key/);
});
