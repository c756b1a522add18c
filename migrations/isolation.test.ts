import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connectionOptions } from '../lib/db/connection.ts';
import { SEE_ONE_CLIENT, type DbRole } from '../lib/db/logins.ts';
import { createTestDatabase, type TestDatabase } from '../lib/testing/database.ts';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(SEED_ONE_ROW_EACH);
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

const SEED_ONE_ROW_EACH = `
  INSERT INTO users (id, email) VALUES ('00000000-0000-7000-8000-000000000001', 'a@acme.example');
  INSERT INTO roles (id, name, level) VALUES ('00000000-0000-7000-8000-000000000002', 'rep', 10);
  INSERT INTO clients (client_id, name) VALUES ('acme', 'Acme');
  INSERT INTO user_clients (id, user_id, client_id, role_id) VALUES ('00000000-0000-7000-8000-000000000003',
    '00000000-0000-7000-8000-000000000001', 'acme', '00000000-0000-7000-8000-000000000002');
  INSERT INTO machine_tokens (id, name, client_id, role_id, token_hash, token_prefix) VALUES
    ('00000000-0000-7000-8000-00000000000f', 'ci', 'acme', '00000000-0000-7000-8000-000000000002', '\\x02', 'lsk_a');
  INSERT INTO user_client_hierarchy VALUES ('acme', '00000000-0000-7000-8000-000000000003',
    '00000000-0000-7000-8000-000000000003', 0);
  INSERT INTO industries (id, name) VALUES ('00000000-0000-7000-8000-000000000004', 'Auto');
  INSERT INTO product_categories (id, industry_id, name) VALUES ('00000000-0000-7000-8000-000000000005',
    '00000000-0000-7000-8000-000000000004', 'SUV');
  INSERT INTO products (id, category_id, name) VALUES ('00000000-0000-7000-8000-000000000006',
    '00000000-0000-7000-8000-000000000005', 'Roadster');
  INSERT INTO client_products (client_id, product_id) VALUES ('acme', '00000000-0000-7000-8000-000000000006');
  INSERT INTO client_api_keys (id, client_id, name, key_hash, key_prefix) VALUES
    ('00000000-0000-7000-8000-000000000007', 'acme', 'website', '\\x01', 'acme_live_a');
  INSERT INTO leads (id, client_id, name, source, raw_payload, created_at, updated_at) VALUES
    ('00000000-0000-7000-8000-000000000008', 'acme', 'Ada', 'website', '{}', now(), now());
  INSERT INTO idempotency_keys VALUES ('acme', 'k', '\\x01', '00000000-0000-7000-8000-000000000008', now());
  INSERT INTO events (client_id, lead_id, kind) VALUES ('acme', '00000000-0000-7000-8000-000000000008', 'lead.created');
  INSERT INTO client_integrations (client_id) VALUES ('acme');
  INSERT INTO destinations (id, client_id, name, kind) VALUES
    ('00000000-0000-7000-8000-000000000010', 'acme', 'whatsapp', 'whatsapp');
  INSERT INTO destination_versions (client_id, destination_id, version, settings) VALUES
    ('acme', '00000000-0000-7000-8000-000000000010', 1, '{}');
  INSERT INTO meta_sources (id, client_id, page_id) VALUES ('00000000-0000-7000-8000-000000000009', 'acme', '1');
  INSERT INTO lanes (lane_key, client_id, destination_id, kind, account) VALUES
    ('lane', 'acme', '00000000-0000-7000-8000-000000000010', 'whatsapp', '1');
  INSERT INTO deliveries (id, client_id, lead_id, destination_id, kind, lane_key, settings_version, next_attempt_at) VALUES
    ('00000000-0000-7000-8000-00000000000a', 'acme', '00000000-0000-7000-8000-000000000008',
     '00000000-0000-7000-8000-000000000010', 'whatsapp', 'lane', 1, now());
  INSERT INTO delivery_attempts (client_id, delivery_id, number) VALUES ('acme',
    '00000000-0000-7000-8000-00000000000a', 1);
  INSERT INTO suppressions (id, client_id, channel, address, made_by, said_at) VALUES
    ('00000000-0000-7000-8000-00000000000f', 'acme', 'whatsapp', '+4915112345678', 'recipient', now());
  INSERT INTO recipient_messages (client_id, recipient, sent) VALUES ('acme', 'r', '{}');
  INSERT INTO webhook_posts (id, body) VALUES ('00000000-0000-7000-8000-00000000000b', '\\x01');
  INSERT INTO webhook_events (id, post_id, client_id, object, field, dedupe_key, value) VALUES
    ('00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-00000000000b', 'acme', 'page', 'leadgen', 'd', '{}');
  INSERT INTO meta_holds (client_id, page_id, code, message, token_mark, held_at) VALUES
    ('acme', '1', '190', 'expired', 'm', now());
  INSERT INTO audit_log (id, client_id, actor_kind, action, target_kind, target_id) VALUES
    ('00000000-0000-7000-8000-00000000000d', 'acme', 'operator', 'client.create', 'client', 'acme');
  INSERT INTO refusals (client_id, minute, key_id, origin, ip, reason, count, last_at) VALUES
    ('acme', now(), '00000000-0000-7000-8000-000000000007', '', '192.0.2.1', 'rate_limited', 1, now());
  INSERT INTO manifest_entries (id, set_name, kind, client_id, identity) VALUES
    ('00000000-0000-7000-8000-00000000000e', 'prod', 'client', 'acme', 'acme');
`;
