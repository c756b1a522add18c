import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connectionOptions } from '../lib/db/connection.ts';
import { SEE_ONE_CLIENT, type DbRole } from '../lib/db/logins.ts';
import { createTestDatabase, type TestDatabase } from '../lib/testing/database.ts';

const ONE_ROW_EACH = join(import.meta.dirname, '../test/fixtures/initial.sql');

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(await readFile(ONE_ROW_EACH, 'utf8'));
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

async function tenantTables(): Promise<{ name: string }[]> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT c.relname AS name FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'client_id'
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`);
  expect(rows.length).toBeGreaterThan(15);
  return rows;
}

type Outcome = number | string | null;

/** What came of a statement of this login for this client, undone again: rows touched, or the refusal. */
async function as(
  login: Client,
  scope: string,
  statement: string,
  values: unknown[] = [],
): Promise<Outcome> {
  await login.query('BEGIN');
  await login.query("SELECT set_config('app.client_id', $1, true)", [scope]);
  try {
    return (await login.query(statement, values)).rowCount;
  } catch (error) {
    const reason = String(error);
    return /row-level security|permission denied/.exec(reason)?.[0] ?? reason;
  } finally {
    await login.query('ROLLBACK');
  }
}

/** Those that PostgreSQL does not derive from the others. */
async function writtenColumns(table: string): Promise<string> {
  const { rows } = await client.query(
    `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS names FROM pg_attribute
     WHERE attrelid = CAST($1 AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [table],
  );
  return String(rows[0]?.names);
}

async function logIn(role: DbRole): Promise<Client> {
  const login = new Client(
    connectionOptions({ url: database.url, role, applicationName: 'leadctl-test' }),
  );
  await login.connect();
  onTestFinished(() => login.end());
  return login;
}

describe.each(SEE_ONE_CLIENT)('a query of %s', (role) => {
  test('that forgot its client sees no row of any table, and one that names it sees its own', async () => {
    const login = await logIn(role);
    for (const { name } of await tenantTables()) {
      const read = `SELECT count(client_id) FROM ${name} HAVING count(client_id) > 0`;
      const seen = [
        await as(login, '', read),
        await as(login, 'other', read),
        await as(login, 'acme', read),
      ];
      const denied = Array.from({ length: 3 }, () => 'permission denied');
      expect([name, seen]).toEqual([name, expect.toBeOneOf([[0, 0, 1], denied])]);
    }
  });

  test('that forgot its client changes and removes nothing, and writes for no other', async () => {
    const login = await logIn(role);
    for (const { name } of await tenantTables()) {
      const { rows } = await client.query(`SELECT to_jsonb(t) AS row FROM ${name} t`);
      const columns = await writtenColumns(name);
      const insert = `INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE
        SELECT ${columns} FROM jsonb_populate_record(NULL::${name}, $1)`;
      const values = [JSON.stringify(rows[0].row)];
      for (const scope of ['', 'other']) {
        const done = {
          update: await as(login, scope, `UPDATE ${name} SET client_id = client_id`),
          remove: await as(login, scope, `DELETE FROM ${name}`),
          insert: await as(login, scope, insert, values),
        };
        // Where the login has no such right at all, that is as good.
        const nothing = expect.toBeOneOf([0, 'permission denied']);
        const refused = expect.toBeOneOf(['row-level security', 'permission denied']);
        expect([name, done]).toEqual([name, { update: nothing, remove: nothing, insert: refused }]);
      }
    }
  });
});

test('each table of clients is seen by a login that sees its own client alone, or by platform work only', async () => {
  const unseen: string[] = [];
  const logins = await Promise.all(SEE_ONE_CLIENT.map(logIn));
  for (const { name } of await tenantTables()) {
    const seen = await Promise.all(
      logins.map((login) => as(login, 'acme', `SELECT count(client_id) FROM ${name}`)),
    );
    if (!seen.includes(1)) unseen.push(name);
  }
  expect(new Set(unseen)).toEqual(new Set(['manifest_entries', 'recipient_messages']));
});
