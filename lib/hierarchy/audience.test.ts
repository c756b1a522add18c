import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createDatabase, type Database } from '../db/database.ts';
import { clientScope } from '../db/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import {
  aClient,
  aMembership,
  openAsOwner,
  type TestClient,
  type TestMembership,
} from '../testing/factories.ts';
import { asMember } from '../testing/identities.ts';
import { aLead } from '../testing/lead-factories.ts';
import { audienceOf } from './audience.ts';
import { leadsInScope } from './scope.ts';

let testDatabase: TestDatabase;
let owner: Pool;
let database: Database;
let client: TestClient;
const members: TestMembership[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  owner = openAsOwner(testDatabase);
  database = createDatabase({
    url: testDatabase.url,
    role: 'leadctl_lead',
    applicationName: 'audience-test',
    poolMax: 2,
  });
  client = await aClient(owner);
  // Two roots, one of them with two levels below.
  for (const managerAt of [undefined, undefined, 0, 0, 2, 2, 3]) {
    const reportsTo = managerAt === undefined ? undefined : members[managerAt];
    members.push(await aMembership(owner, { client, ...(reportsTo ? { reportsTo } : {}) }));
  }
  await aLead(owner, { client });
  for (const assignedTo of members) await aLead(owner, { client, assignedTo });
});
afterAll(async () => {
  await database.stop();
  await owner.end();
  await testDatabase.drop();
});

test('each member is shown leads of the very assignees whose leads they may act on', async () => {
  const assignees = [null, ...members.map(({ id }) => id)];
  await database.inTransaction(clientScope(client.clientId), async (unit) => {
    const audience = await audienceOf(unit, { members: members.map(({ id }) => id), assignees });
    for (const member of members) {
      const scope = leadsInScope(asMember(member));
      const result = await unit.rows(
        assigneeRow,
        `SELECT assigned_to_user_client_id AS assignee FROM leads WHERE ${scope.sql}`,
        [...scope.bindings],
      );
      const inScope = result.map(({ assignee }) => assignee);
      expect([...(audience.get(member.id) ?? [])].map(String).toSorted()).toEqual(
        inScope.map(String).toSorted(),
      );
    }
  });
});
const assigneeRow = z.object({ assignee: z.string().nullable() });

test('a member of another client is shown nothing', async () => {
  const foreigner = await aMembership(owner);
  const audience = await database.inTransaction(clientScope(client.clientId), (unit) =>
    audienceOf(unit, { members: [foreigner.id], assignees: [null, foreigner.id] }),
  );
  expect(audience.get(foreigner.id)).toEqual(new Set());
});
