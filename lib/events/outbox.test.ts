import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../core/ids.ts';
import { createDatabase, type Database } from '../db/database.ts';
import { allClients } from '../db/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { aClient, openAsOwner, type TestClient } from '../testing/factories.ts';
import {
  currentPosition,
  formatPosition,
  isAfter,
  parsePosition,
  readEventsAfter,
} from './outbox.ts';

let cluster: TestDatabase;
let owner: Pool;
let database: Database;
let client: TestClient;
const everywhere = allClients('a test reads all events');

beforeAll(async () => {
  cluster = await createTestDatabase();
  owner = openAsOwner(cluster);
  database = createDatabase({
    url: cluster.url,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 2,
  });
  client = await aClient(owner);
});
afterAll(async () => {
  await database.stop();
  await owner.end();
  await cluster.drop();
});

const INSERT = "INSERT INTO events (client_id, lead_id, kind) VALUES ($1, $2, 'lead.created')";

const idsAfter = async (position: { xid: string; id: string }) => {
  const events = await database.inTransaction(everywhere, (unit) =>
    readEventsAfter(unit, position, { limit: 100 }),
  );
  return { ids: events.map((event) => event.lead_id), last: events.at(-1) ?? position };
};

/** Waits until every committed event may be read: other tests' transactions on the server hide it for a moment. */
async function settled(): Promise<void> {
  const isHidden = async () => {
    const { rows } = await owner.query(
      'SELECT EXISTS (SELECT FROM events WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())) AS yes',
    );
    return rows[0].yes;
  };
  await expect.poll(isHidden, { timeout: 10_000 }).toBe(false);
}

test('a slow transaction is never passed by, whatever commits around it', async () => {
  await settled();
  const start = await database.inTransaction(everywhere, currentPosition);
  const [slowLead, quickLead, lateLead] = [newId(), newId(), newId()];
  const slow = await owner.connect();
  await slow.query('BEGIN');
  await slow.query(INSERT, [client.clientId, slowLead]);
  await owner.query(INSERT, [client.clientId, quickLead]);

  // The quick one has committed, with a higher number, but behind it a transaction is still open.
  const during = await idsAfter(start);
  expect(during.ids).toEqual([]);

  await slow.query('COMMIT');
  slow.release();
  await settled();
  const after = await idsAfter(during.last);
  expect(after.ids).toEqual([slowLead, quickLead]);

  await owner.query(INSERT, [client.clientId, lateLead]);
  await settled();
  expect((await idsAfter(after.last)).ids).toEqual([lateLead]);
});

test('a reader that starts now sees only what comes after', async () => {
  await owner.query(INSERT, [client.clientId, newId()]);
  await settled();
  const start = await database.inTransaction(everywhere, currentPosition);
  expect((await idsAfter(start)).ids).toEqual([]);
  const lead = newId();
  await owner.query(INSERT, [client.clientId, lead]);
  await settled();
  expect((await idsAfter(start)).ids).toEqual([lead]);
});

test('events are in the order of their numbers, also where these get a digit more', async () => {
  await settled();
  const start = await database.inTransaction(everywhere, currentPosition);
  const leads = Array.from({ length: 120 }, () => newId());
  await owner.query(
    `INSERT INTO events (client_id, lead_id, kind) SELECT $1, unnest($2::uuid[]), 'lead.created'`,
    [client.clientId, leads],
  );
  await settled();
  const first = await idsAfter(start);
  const second = await idsAfter(first.last);
  expect([...first.ids, ...second.ids]).toEqual(leads);
});

test('a position survives being written down, and nothing else is taken for one', () => {
  const position = { xid: '18446744073709551', id: '42' };
  expect(parsePosition(formatPosition(position))).toEqual(position);
  for (const text of ['', '1', '1-', '-1', 'a-b', '1-2-3', `${'9'.repeat(30)}-1`]) {
    expect(parsePosition(text)).toBeUndefined();
  }
});

test('positions are compared as the numbers they are', () => {
  const [early, late] = [
    { xid: '999', id: '10' },
    { xid: '1000', id: '9' },
  ];
  expect([isAfter(late, early), isAfter(early, late), isAfter(late, late)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(isAfter({ xid: '1000', id: '10' }, late)).toBe(true);
});
