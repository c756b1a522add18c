import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../lib/testing/database.ts';
import { migrate, rollback } from './migrate.ts';
import { migrationSource } from './index.ts';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

async function schemaObjects(): Promise<string[]> {
  const { rows } = await client.query<{ object: string }>(`
    SELECT c.relkind::text || ' ' || c.relname AS object FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relname NOT LIKE 'schema_migrations%'
      AND c.relname NOT LIKE 'agenda%' AND c.relname NOT LIKE 'idx_agenda%'
    UNION ALL
    SELECT 'function ' || proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND proname NOT LIKE 'update_agenda%' AND proname NOT LIKE 'agenda%'
    ORDER BY 1`);
  return rows.map((row) => row.object);
}

describe('migrations', () => {
  test('go all the way down, leaving nothing, and up again to the same schema', async () => {
    const before = await schemaObjects();
    const names = await migrationSource.getMigrations([]);
    await rollback(database.url, names.length);
    expect(await schemaObjects()).toEqual([]);
    const { applied } = await migrate(database.url);
    expect(applied).toEqual(names);
    expect(await schemaObjects()).toEqual(before);
  });

  test('say nothing was applied when there is nothing to apply', async () => {
    expect((await migrate(database.url)).applied).toEqual([]);
  });
});

describe('every table with a client_id', () => {
  test('has forced row-level security and a policy for the application', async () => {
    const { rows } = await client.query(`
      SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
        (SELECT count(*)::int FROM pg_policies p
          WHERE p.tablename = c.relname AND 'leadctl_app' = ANY (p.roles)) AS policies
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'client_id'
      WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace`);
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      expect(row).toMatchObject({
        relname: row.relname,
        relrowsecurity: true,
        relforcerowsecurity: true,
        policies: 4,
      });
    }
  });

  test('is led by client_id in every foreign key to another such table', async () => {
    const { rows } = await client.query(`
      SELECT con.conrelid::regclass::text AS "table", con.conname AS name
      FROM pg_constraint con
      WHERE con.contype = 'f'
        AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = con.conrelid AND attname = 'client_id')
        AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = con.confrelid AND attname = 'client_id')
        AND NOT EXISTS (SELECT FROM pg_attribute a
          WHERE a.attrelid = con.conrelid AND a.attnum = ANY (con.conkey) AND a.attname = 'client_id')`);
    expect(rows).toEqual([]);
  });

  test('shows no row to a query that forgot its client', async () => {
    const { rows: tables } = await client.query<{ name: string }>(`
      SELECT c.relname AS name FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'client_id'
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND has_table_privilege('leadctl_app', c.oid, 'SELECT')`);
    await client.query(SEED_ONE_ROW_EACH);
    for (const { name } of tables) {
      await client.query('BEGIN');
      await client.query('SET LOCAL ROLE leadctl_app');
      const forgot = await client.query(`SELECT count(*)::int AS n FROM ${name}`);
      await client.query("SELECT set_config('app.client_id', 'other', true)");
      const other = await client.query(`SELECT count(*)::int AS n FROM ${name}`);
      await client.query("SELECT set_config('app.client_id', 'acme', true)");
      const own = await client.query(`SELECT count(*)::int AS n FROM ${name}`);
      await client.query('ROLLBACK');
      expect([name, forgot.rows[0].n, other.rows[0].n, own.rows[0].n]).toEqual([name, 0, 0, 1]);
    }
  });

  test('keeps the ingest role from reading leads', async () => {
    await client.query('BEGIN');
    await client.query('SET LOCAL ROLE leadctl_ingest');
    await expect(client.query('SELECT name, email FROM leads')).rejects.toMatchObject({
      code: '42501',
    });
    await client.query('ROLLBACK');
  });
});

const SEED_ONE_ROW_EACH = `
  INSERT INTO users (id, email) VALUES ('00000000-0000-7000-8000-000000000001', 'a@acme.example');
  INSERT INTO roles (id, name, level) VALUES ('00000000-0000-7000-8000-000000000002', 'rep', 10);
  INSERT INTO clients (client_id, name) VALUES ('acme', 'Acme');
  INSERT INTO user_clients (id, user_id, client_id, role_id) VALUES ('00000000-0000-7000-8000-000000000003',
    '00000000-0000-7000-8000-000000000001', 'acme', '00000000-0000-7000-8000-000000000002');
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
