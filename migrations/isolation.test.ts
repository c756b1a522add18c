import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

/** What came of a statement under this role and client, undone again: rows touched, or the refusal. */
async function as(
  role: string,
  scope: string,
  statement: string,
  values: unknown[] = [],
): Promise<number | string | null> {
  await client.query('BEGIN');
  await client.query(`SET LOCAL ROLE ${role}`);
  await client.query("SELECT set_config('app.client_id', $1, true)", [scope]);
  try {
    return (await client.query(statement, values)).rowCount;
  } catch (error) {
    const reason = String(error);
    return /row-level security|permission denied/.exec(reason)?.[0] ?? reason;
  } finally {
    await client.query('ROLLBACK');
  }
}

describe('a query of the application', () => {
  test('that forgot its client sees no row of any table, and one that names it sees its own', async () => {
    for (const { name } of await tenantTables()) {
      const read = `SELECT FROM ${name}`;
      const seen = [
        await as('leadctl_app', '', read),
        await as('leadctl_app', 'other', read),
        await as('leadctl_app', 'acme', read),
      ];
      expect([name, ...seen]).toEqual([name, 0, 0, 1]);
    }
  });

  test('that forgot its client changes and removes nothing, and writes for no other', async () => {
    for (const { name } of await tenantTables()) {
      const { rows } = await client.query(`SELECT to_jsonb(t) AS row FROM ${name} t`);
      const insert = `INSERT INTO ${name} OVERRIDING SYSTEM VALUE
        SELECT * FROM jsonb_populate_record(NULL::${name}, $1)`;
      const values = [JSON.stringify(rows[0].row)];
      for (const scope of ['', 'other']) {
        const done = {
          update: await as('leadctl_app', scope, `UPDATE ${name} SET client_id = client_id`),
          remove: await as('leadctl_app', scope, `DELETE FROM ${name}`),
          insert: await as('leadctl_app', scope, insert, values),
        };
        // Where the role has no such right at all, that is as good.
        const nothing = expect.toBeOneOf([0, 'permission denied']);
        const refused = expect.toBeOneOf(['row-level security', 'permission denied']);
        expect([name, done]).toEqual([name, { update: nothing, remove: nothing, insert: refused }]);
      }
    }
  });
});

describe('the roles of the gateway and of ingestion', () => {
  const rightsOf = async (role: string): Promise<string[]> => {
    const { rows } = await client.query<{ right: string }>(
      `SELECT c.relname || ' ' || r.name AS "right" FROM pg_class c, (VALUES ('SELECT'), ('INSERT'),
         ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS r (name)
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         AND has_table_privilege($1, c.oid, r.name) ORDER BY 1`,
      [role],
    );
    return rows.map(({ right }) => right);
  };
  test('let the gateway read the access model and nothing else, no password among it', async () => {
    expect(await rightsOf('leadctl_gateway')).toEqual(
      ['clients', 'machine_tokens', 'permissions', 'role_permissions', 'roles', 'user_clients'].map(
        (table) => `${table} SELECT`,
      ),
    );
    const passwords = await as('leadctl_gateway', '', 'SELECT password_hash FROM users');
    expect(passwords).toBe('permission denied');
  });

  test('let ingestion insert, and read no table as a whole', async () => {
    expect(await rightsOf('leadctl_ingest')).toEqual([
      'events INSERT',
      'idempotency_keys INSERT',
      'leads INSERT',
    ]);
    for (const column of ['name', 'email', 'phone', 'raw_payload', 'consent', 'status']) {
      const read = await as('leadctl_ingest', 'acme', `SELECT ${column} FROM leads`);
      expect([column, read]).toEqual([column, 'permission denied']);
    }
  });
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
  INSERT INTO client_integration_versions (client_id, version, settings) VALUES ('acme', 1, '{}');
  INSERT INTO meta_sources (id, client_id, page_id) VALUES ('00000000-0000-7000-8000-000000000009', 'acme', '1');
  INSERT INTO lanes (lane_key, client_id, integration, account) VALUES ('acme/whatsapp/1', 'acme', 'whatsapp', '1');
  INSERT INTO deliveries (id, client_id, lead_id, integration, lane_key, settings_version, next_attempt_at) VALUES
    ('00000000-0000-7000-8000-00000000000a', 'acme', '00000000-0000-7000-8000-000000000008', 'whatsapp',
     'acme/whatsapp/1', 1, now());
  INSERT INTO delivery_attempts (client_id, delivery_id, number) VALUES ('acme',
    '00000000-0000-7000-8000-00000000000a', 1);
  INSERT INTO webhook_posts (id, body) VALUES ('00000000-0000-7000-8000-00000000000b', '\\x01');
  INSERT INTO webhook_events (id, post_id, client_id, object, field, dedupe_key, value) VALUES
    ('00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-00000000000b', 'acme', 'page', 'leadgen', 'd', '{}');
  INSERT INTO meta_holds (client_id, page_id, code, message, token_mark, held_at) VALUES
    ('acme', '1', '190', 'expired', 'm', now());
  INSERT INTO audit_log (id, client_id, actor_kind, action, target_kind, target_id) VALUES
    ('00000000-0000-7000-8000-00000000000d', 'acme', 'operator', 'client.create', 'client', 'acme');
  INSERT INTO manifest_entries (id, set_name, kind, client_id, identity) VALUES
    ('00000000-0000-7000-8000-00000000000e', 'prod', 'client', 'acme', 'acme');
`;
