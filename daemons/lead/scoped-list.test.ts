import * as fc from 'fast-check';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../lib/core/ids.ts';
import { createDatabase, type Database } from '../../lib/db/database.ts';
import { clientScope } from '../../lib/db/scope.ts';
import { createTestDatabase, type TestDatabase } from '../../lib/testing/database.ts';
import {
  aClient,
  aMembership,
  aRole,
  openAsOwner,
  type TestMembership,
} from '../../lib/testing/factories.ts';
import { asMember } from '../../lib/testing/identities.ts';
import { LeadRow } from './rows.ts';
import { newestInScope, type ListBounds } from './scoped-list.ts';

const MEMBERS = 30;
const LEADS = 240;

let testDatabase: TestDatabase;
let owner: Pool;
let database: Database;
const members: TestMembership[] = [];
/** Newest first. */
const leads: { id: string; assignee: TestMembership | undefined; source: string }[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  owner = openAsOwner(testDatabase);
  database = createDatabase({
    url: testDatabase.url,
    role: 'leadctl_lead',
    applicationName: 'scoped-list-test',
    poolMax: 2,
  });
  const client = await aClient(owner);
  const role = await aRole(owner);
  // Members 0 and 1 are roots, 1 without anybody below; every other reports to n / 3.
  for (let number = 0; number < MEMBERS; number += 1) {
    const manager =
      number < 2 ? undefined : members[Math.floor(number / 3) === 1 ? 0 : Math.floor(number / 3)];
    members.push(
      await aMembership(owner, { client, role, ...(manager ? { reportsTo: manager } : {}) }),
    );
  }
  for (let number = 0; number < LEADS; number += 1) {
    // Lumpy on purpose: some members have many, the last ones none.
    const assignee = number % 7 === 0 ? undefined : members[(number * number) % (MEMBERS - 6)];
    const lead = { id: newId(), assignee, source: number % 3 === 0 ? 'website' : 'event' };
    await owner.query(
      `INSERT INTO leads (id, client_id, source, raw_payload, assigned_to_user_client_id, created_at, updated_at)
       VALUES ($1, $2, $3, '{}', $4, now(), now())`,
      [lead.id, client.clientId, lead.source, assignee?.id ?? null],
    );
    leads.unshift(lead);
  }
});

afterAll(async () => {
  await database.stop();
  await owner.end();
  await testDatabase.drop();
});

const EVERYBODY = 1_000;
const gather: ListBounds = {
  mostGathered: EVERYBODY,
  mostCollected: EVERYBODY,
  windowRows: 1,
  windowRowsPerMember: 1,
};
const collect = (windowRowsPerMember: number): ListBounds => ({
  ...gather,
  mostGathered: 0,
  windowRowsPerMember,
});
const walk = (windowRows: number): ListBounds => ({
  ...gather,
  mostGathered: 0,
  mostCollected: 0,
  windowRows,
});

async function membersUnder(member: TestMembership): Promise<Set<string>> {
  const { rows } = await owner.query<{ id: string }>(
    `SELECT descendant_user_client_id AS id FROM user_client_hierarchy
     WHERE ancestor_user_client_id = $1`,
    [member.id],
  );
  return new Set(rows.map(({ id }) => id));
}

describe('the newest leads in a scope', () => {
  test('are the same, whichever way they are found', async () => {
    const someBounds = fc.oneof(
      fc.constant(gather),
      fc.integer({ min: 1, max: 20 }).map(collect),
      fc.integer({ min: 1, max: LEADS + 10 }).map(walk),
    );
    await fc.assert(
      fc.asyncProperty(
        someBounds,
        fc.nat({ max: MEMBERS - 1 }),
        fc.integer({ min: 1, max: 60 }),
        fc.option(fc.nat({ max: LEADS - 1 })),
        fc.option(fc.constantFrom('website', 'event')),
        async (bounds, number, limit, before, source) => {
          const member = members[number];
          if (member === undefined) throw new Error('no such member');
          const beforeId = before === null ? undefined : leads[before]?.id;
          const under = await membersUnder(member);
          const expected = leads
            .filter(({ assignee }) => (assignee ? under.has(assignee.id) : number < 2))
            .filter((lead) => source === null || lead.source === source)
            .filter(({ id }) => beforeId === undefined || id < beforeId)
            .slice(0, limit);
          const found = await database.inTransaction(clientScope(member.clientId), (unit) => {
            const matching = () => {
              const query = LeadRow.query(unit.trx).where('leads.client_id', member.clientId);
              if (beforeId !== undefined) void query.where('leads.id', '<', beforeId);
              if (source !== null) void query.where('leads.source', source);
              return query;
            };
            return newestInScope(unit, asMember(member), { matching, limit }, bounds);
          });
          expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
        },
      ),
      { numRuns: 300 },
    );
  }, 30_000);

  test('are none for somebody without a membership', async () => {
    const [member] = members;
    if (member === undefined) throw new Error('no members');
    const identity = { ...asMember(member), membership: null };
    const found = await database.inTransaction(clientScope(member.clientId), (unit) =>
      newestInScope(unit, identity, { matching: () => LeadRow.query(unit.trx), limit: 5 }),
    );
    expect(found).toEqual([]);
  });
});
