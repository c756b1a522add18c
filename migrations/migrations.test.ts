import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SEE_ONE_CLIENT } from '../lib/db/logins.ts';
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
  test('has forced row-level security, with a policy a command for each login of one client', async () => {
    const { rows } = await client.query(
      `SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
        (SELECT min(commands)::int FROM unnest($1::name[]) AS login,
          LATERAL (SELECT count(DISTINCT p.cmd) AS commands FROM pg_policies p
            WHERE p.tablename = c.relname AND login = ANY (p.roles))) AS commands,
        (SELECT array_agg(DISTINCT p.policyname::text ORDER BY p.policyname::text) FROM pg_policies p
          WHERE p.tablename = c.relname AND p.roles && $1 AND p.qual = 'true') AS open
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'client_id'
      WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace`,
      [SEE_ONE_CLIENT],
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      expect(row).toEqual({
        relname: row.relname,
        relrowsecurity: true,
        relforcerowsecurity: true,
        commands: 4,
        open: null,
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
});
