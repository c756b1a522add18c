import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionOptions } from '../lib/db/connection.ts';
import { ALL_LOGINS, SEE_EVERY_CLIENT, SEE_ONE_CLIENT, type DbRole } from '../lib/db/logins.ts';
import { createTestDatabase, type TestDatabase } from '../lib/testing/database.ts';
import { aClient, aUser, openAsOwner } from '../lib/testing/factories.ts';

let database: TestDatabase;
const logins = new Map<DbRole, Client>();

beforeAll(async () => {
  database = await createTestDatabase();
  const owner = openAsOwner(database);
  await aUser(owner, { password: 'correct horse battery' });
  for (const clientId of ['acme', 'other']) await aClient(owner, { clientId });
  await owner.end();
  for (const role of ALL_LOGINS) {
    const login = new Client(
      connectionOptions({ url: database.url, role, applicationName: 'leadctl-test' }),
    );
    await login.connect();
    logins.set(role, login);
  }
});

afterAll(async () => {
  for (const login of logins.values()) await login.end();
  await database.drop();
});

/** Rows, or what PostgreSQL says against it. */
async function attempt(role: DbRole, ...statements: string[]): Promise<unknown[] | string> {
  const login = logins.get(role);
  if (login === undefined) throw new Error(`${role} is not logged in`);
  await login.query('BEGIN');
  try {
    let rows: unknown[] = [];
    for (const statement of statements) ({ rows } = await login.query(statement));
    return rows;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await login.query('ROLLBACK');
  }
}

describe.each(ALL_LOGINS)('%s', (role) => {
  test('is nobody else, and becomes nobody else', async () => {
    expect(await attempt(role, 'SELECT session_user AS s, current_user AS c')).toEqual([
      { s: role, c: role },
    ]);
    const owner = new URL(database.url).username;
    for (const other of [owner, ...ALL_LOGINS.filter((name) => name !== role)]) {
      const refused = expect.stringContaining(`permission denied to set role "${other}"`);
      expect(await attempt(role, `SET ROLE ${other}`)).toEqual(refused);
    }
    expect(await attempt(role, `SET SESSION AUTHORIZATION ${owner}`)).toMatch('permission denied');
    expect(await attempt(role, 'SET ROLE NONE', 'SELECT current_user AS c')).toEqual([{ c: role }]);
  });

  test('has no power over the cluster and is a member of nothing', async () => {
    const found = await attempt(
      role,
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication,
         (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships,
         (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid) AS owned
       FROM pg_roles r WHERE rolname = current_user`,
    );
    expect(found).toEqual([
      {
        rolsuper: false,
        rolcreatedb: false,
        rolcreaterole: false,
        rolbypassrls: false,
        rolreplication: false,
        memberships: 0,
        owned: 0,
      },
    ]);
    expect(await attempt(role, 'CREATE TABLE mine (id int)')).toMatch('permission denied');
    expect(await attempt(role, 'ALTER TABLE leads DISABLE ROW LEVEL SECURITY')).toMatch(
      'must be owner',
    );
  });

  test.runIf(role !== 'leadctl_auth')('reads no password', async () => {
    expect(await attempt(role, 'SELECT password_hash FROM users')).toMatch('permission denied');
    expect(await attempt(role, "SELECT u::text FROM users u WHERE email LIKE '%'")).toMatch(
      'permission denied',
    );
  });

  test.runIf(role !== 'leadctl_auth' && role !== 'leadctl_user')(
    'sets no password, and makes nobody an admin',
    async () => {
      expect(await attempt(role, "UPDATE users SET password_hash = 'mine'")).toMatch(
        'permission denied',
      );
      expect(await attempt(role, 'UPDATE users SET is_admin = true')).toMatch('permission denied');
      const insert =
        "INSERT INTO users (id, email, is_admin) VALUES (gen_random_uuid(), 'a@b', true)";
      expect(await attempt(role, insert)).toMatch('permission denied');
    },
  );
});

describe.each(SEE_ONE_CLIENT)('%s', (role) => {
  test('sees one client at a time, whatever it sets', async () => {
    const count = 'SELECT count(client_id)::int AS n FROM clients';
    const denied = expect.stringContaining('permission denied');
    const settings = [
      ['app.all_clients', 'on'],
      ['app.client_id', '%'],
      ['app.client_id', "x' OR true --"],
      ['app.user_id', '00000000-0000-7000-8000-000000000001'],
      ['row_security', 'off'],
      ['session_replication_role', 'replica'],
      ['role', 'none'],
    ] as const;
    for (const [name, value] of settings) {
      const set = `SELECT set_config('${name}', '${value.replaceAll("'", "''")}', true)`;
      const seen = await attempt(role, set, count);
      const refused = expect.stringContaining('row-level security');
      expect([name, seen]).toEqual([name, expect.toBeOneOf([[{ n: 0 }], denied, refused])]);
    }
    const named = await attempt(role, "SELECT set_config('app.client_id', 'acme', true)", count);
    expect(named).toEqual(expect.toBeOneOf([[{ n: 1 }], denied]));
  });
});

/** `table: SELECT, UPDATE (a, b)`, as the catalogue has it and not as it was meant. */
async function rightsOf(role: DbRole): Promise<string[]> {
  const owner = openAsOwner(database);
  const { rows } = await owner.query<{ line: string }>(
    `WITH wanted AS (
       SELECT c.oid, c.relname, p.name AS privilege, p.position
       FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
         'TRIGGER']) WITH ORDINALITY AS p (name, position)
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')),
     had AS (
       SELECT relname, position, privilege ||
         CASE WHEN has_table_privilege($1, oid, privilege) THEN '' ELSE ' (' || (
           SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
           WHERE attrelid = oid AND attnum > 0 AND NOT attisdropped
             AND has_column_privilege($1, oid, attnum, privilege)) || ')' END AS text
       FROM wanted
       WHERE has_table_privilege($1, oid, privilege)
         OR (privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
           AND has_any_column_privilege($1, oid, privilege)))
     SELECT relname || ': ' || string_agg(text, ', ' ORDER BY position) AS line
     FROM had GROUP BY relname ORDER BY relname`,
    [role],
  );
  await owner.end();
  return rows.map(({ line }) => line);
}

test('each login has these rights; a wider one is to be seen in review', async () => {
  const lines: string[] = [];
  for (const role of ALL_LOGINS) {
    const rows = SEE_EVERY_CLIENT.includes(role) ? 'every client' : 'one client';
    lines.push(`${role} (${rows})`, ...(await rightsOf(role)).map((right) => `  ${right}`));
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./rights.txt');
});
