import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase } from '../../lib/db/database.ts';
import { clientScope } from '../../lib/db/scope.ts';
import { createTestDatabase, type TestDatabase } from '../../lib/testing/database.ts';
import {
  aClient,
  aMembership,
  aRole,
  openAsOwner,
  type TestClient,
  type TestMembership,
} from '../../lib/testing/factories.ts';
import { aProduct } from '../../lib/testing/lead-factories.ts';
import { asAdmin, asMember } from '../../lib/testing/identities.ts';
import { scansOf } from '../../lib/testing/scans.ts';
import type { LeadFilters } from './contract.ts';
import { listLeads } from './store.ts';

const LEADS = 20_000;

let db: TestDatabase;
let owner: Pool;
let client: TestClient;
let product: string;
let manager: TestMembership;

beforeAll(async () => {
  db = await createTestDatabase();
  owner = openAsOwner(db);
  client = await aClient(owner);
  product = (await aProduct(owner, { client })).id;
  manager = await aMembership(owner, { client, role: await aRole(owner) });
  // Of one in a thousand something is rare: what a list looks for may be far from the newest.
  await owner.query(
    `INSERT INTO leads (id, client_id, name, source, status, product_id, assigned_to_user_client_id,
       raw_payload, created_at, updated_at)
     SELECT uuidv7(), $1, 'Lead ' || n, CASE WHEN n % 1000 = 1 THEN 'rare' ELSE 'website' END,
       CASE WHEN n % 1000 = 2 THEN 'won' ELSE 'new' END, CASE WHEN n % 1000 = 3 THEN $2::uuid END,
       CASE WHEN n % 1000 = 4 THEN $3::uuid END, '{}', now() - n * interval '1 minute', now()
     FROM generate_series(1, ${LEADS}) n`,
    [client.clientId, product, manager.id],
  );
  await owner.query('ANALYZE');
});
afterAll(async () => {
  await owner.end();
  await db.drop();
});

const later = new Date(Date.now() - 3_600_000).toISOString();
/** A source and words have no index: it would be written with every lead, and each is looked for in the newest first. */
const FILTERS: [string, () => Partial<LeadFilters>][] = [
  ['nothing', () => ({})],
  ['a status', () => ({ status: 'won' })],
  ['a product', () => ({ product_id: product })],
  ['a member', () => ({ assigned_to: manager.id })],
  ['nobody', () => ({ assigned_to: 'none' })],
  ['newer ones', () => ({ created_after: later })],
  ['older ones', () => ({ created_before: later })],
];

test.each(FILTERS)(
  'a list of leads by %s reads no table from end to end',
  async (_what, filter) => {
    const before = await scansOf(owner, 'leads');
    const database = createDatabase({
      url: db.url,
      role: 'leadctl_lead',
      applicationName: 'list-plans-test',
      poolMax: 1,
    });
    const filters = { limit: 50, ...filter() };
    for (const actor of [asAdmin(), asMember(manager)]) {
      const rows = await database.inTransaction(clientScope(client.clientId), (unit) =>
        listLeads(unit, actor, filters, undefined),
      );
      expect(rows.length).toBeGreaterThan(0);
    }
    await database.stop();
    expect(await scansOf(owner, 'leads')).toBe(before);
  },
);
