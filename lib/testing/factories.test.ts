import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { aClient, aMembership, aRole, aUser, openAsOwner } from './factories.ts';
import { aLead, anApiKey, aProduct } from './lead-factories.ts';

let database: TestDatabase;
let db: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openAsOwner(database);
});

afterAll(async () => {
  await db.end();
  await database.drop();
});

test('a membership below others has a closure row for each of those above it, and itself', async () => {
  const client = await aClient(db);
  const boss = await aMembership(db, { client });
  const manager = await aMembership(db, { client, reportsTo: boss });
  const rep = await aMembership(db, { reportsTo: manager });
  const { rows } = await db.query(
    `SELECT ancestor_user_client_id AS id, depth FROM user_client_hierarchy
     WHERE descendant_user_client_id = $1 ORDER BY depth`,
    [rep.id],
  );
  expect(rows).toEqual([
    { id: rep.id, depth: 0 },
    { id: manager.id, depth: 1 },
    { id: boss.id, depth: 2 },
  ]);
});

test('a role’s grants are registered once, however many roles hold them', async () => {
  const grants = ['GET /api/clients/{client_id}/leads'];
  await aRole(db, { grants });
  await aRole(db, { grants });
  const { rows } = await db.query(
    'SELECT count(*)::int AS held, count(DISTINCT permission_id)::int AS known FROM role_permissions',
  );
  expect(rows).toEqual([{ held: 2, known: 1 }]);
});

test('everything can be made without saying anything about it, twice', async () => {
  for (const _round of [1, 2]) {
    await aUser(db, { password: 'correct horse battery' });
    const client = await aClient(db);
    const product = await aProduct(db, { client });
    await anApiKey(db);
    await anApiKey(db, { client });
    await aLead(db);
    await aLead(db, { client, product, phone: '+14155550100' });
  }
  const { rows } = await db.query('SELECT count(*)::int AS leads FROM leads');
  expect(rows).toEqual([{ leads: 4 }]);
});
