import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../lib/core/clock.ts';
import { createDatabase, type Database } from '../../../lib/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { aClient, openAsOwner } from '../../../lib/testing/factories.ts';
import type { LeadWriter, ProvidedLead } from './provided.ts';
import { createLeadWriter } from './writer.ts';

const META = ['facebook', 'instagram'];

let testDatabase: TestDatabase;
let owner: Pool;
let databases: readonly Database[];
let writers: readonly LeadWriter[];
const announced: string[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  owner = openAsOwner(testDatabase);
  databases = (['leadctl_worker', 'leadctl_webhook'] as const).map((role) =>
    createDatabase({ url: testDatabase.url, role, applicationName: 'test', poolMax: 8 }),
  );
  writers = databases.map((database) =>
    createLeadWriter({
      database,
      clock: systemClock,
      announce: (channel) => announced.push(channel),
    }),
  );
});

afterAll(async () => {
  for (const database of databases) await database.stop();
  await owner.end();
  await testDatabase.drop();
});

const lead = (over: Partial<ProvidedLead> = {}): ProvidedLead => ({
  source: 'facebook',
  referenceId: '1',
  name: 'Ada',
  email: ' ADA@Example.com ',
  phone: '030 901820',
  consent: [{ checkbox_key: 'terms', is_checked: true }],
  rawPayload: { id: '1' },
  ...over,
});

async function rowsFor(clientId: string): Promise<Record<string, unknown>[]> {
  const { rows } = await owner.query(
    `SELECT l.*, (SELECT count(*)::int FROM events e WHERE e.lead_id = l.id) AS events
     FROM leads l WHERE client_id = $1 ORDER BY lead_reference_id`,
    [clientId],
  );
  return rows;
}

test.each([0, 1])('a lead is stored once with its event, under either role (%i)', async (role) => {
  const { clientId } = await aClient(owner, { defaultCountry: 'DE' });
  const results = await writers[role]?.write(clientId, META, [lead()]);
  const again = await writers[role]?.write(clientId, META, [lead({ source: 'instagram' })]);
  expect(results).toMatchObject([{ kind: 'created' }]);
  expect(again).toEqual([{ ...results?.[0], kind: 'existing' }]);
  expect(await rowsFor(clientId)).toMatchObject([
    {
      email: 'ada@example.com',
      phone: '+4930901820',
      phone_valid: true,
      source: 'facebook',
      consent: [{ checkbox_key: 'terms', is_checked: true }],
      status: 'new',
      events: 1,
    },
  ]);
  expect(announced).toContain('leadctl_events');
});

test('written many times in parallel it is one lead, for all the same', async () => {
  const { clientId } = await aClient(owner);
  const all = await Promise.all(
    Array.from({ length: 24 }, async (_none, index) =>
      writers[index % 2]?.write(clientId, META, [lead(), lead({ referenceId: '2' }), lead()]),
    ),
  );
  const rows = await rowsFor(clientId);
  expect(rows.map(({ events }) => events)).toEqual([1, 1]);
  const ids = new Set(all.flat().map((one) => (one?.kind === 'refused' ? '' : one?.leadId)));
  expect(ids).toEqual(new Set(rows.map(({ id }) => id)));
});

test('told as facebook and as instagram at once it is one lead', async () => {
  const { clientId } = await aClient(owner);
  const references = Array.from({ length: 10 }, (_none, index) => String(index));
  const all = await Promise.all(
    Array.from({ length: 16 }, async (_none, index) => {
      const source = META[Math.floor(index / 2) % 2] ?? '';
      const told = index % 3 === 0 ? references : references.toReversed();
      const leads = told.map((referenceId) => lead({ source, referenceId }));
      return writers[index % 2]?.write(clientId, META, leads);
    }),
  );
  const rows = await rowsFor(clientId);
  expect(rows.map((row) => row['lead_reference_id'])).toEqual(references);
  expect(all.flat().filter((one) => one?.kind === 'created')).toHaveLength(10);
});

test('what does not fit a column is cut and said, never lost', async () => {
  const { clientId } = await aClient(owner);
  const results = await writers[0]?.write(clientId, META, [
    lead({ referenceId: 'a', name: 'x'.repeat(2_000), rawPayload: { text: 'nul \0 \uD800' } }),
    lead({ referenceId: 'b', name: null, email: '', phone: ' ' }),
  ]);
  expect(results).toMatchObject([{ kind: 'created' }, { kind: 'created' }]);
  expect(await rowsFor(clientId)).toMatchObject([
    {
      warnings: ['name was cut to 1000 characters'],
      raw_payload: { text: 'nul \u{FFFD} \u{FFFD}' },
    },
    { name: null, warnings: ['the form asked for no name, e-mail or phone'] },
  ]);
});

test('one that the database refuses does not hurt its neighbours', async () => {
  const { clientId } = await aClient(owner);
  const tooLong = 'x'.repeat(100_000).replaceAll('x', () => Math.random().toString(36));
  const results = await writers[0]?.write(clientId, META, [
    lead({ referenceId: 'a' }),
    lead({ referenceId: tooLong }),
    lead({ referenceId: 'c' }),
  ]);
  expect(results?.map(({ kind }) => kind)).toEqual(['created', 'refused', 'created']);
});

test("another client's lead of the same reference is not found", async () => {
  const { clientId } = await aClient(owner);
  const { clientId: other } = await aClient(owner);
  await writers[0]?.write(clientId, META, [lead({ referenceId: '77' })]);
  expect((await writers[0]?.find(other, META, ['77']))?.size).toBe(0);
  expect((await writers[0]?.find(clientId, META, ['77', '78']))?.size).toBe(1);
});
