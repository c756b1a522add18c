import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { knex, type Knex } from 'knex';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { knexConfig } from '../knexfile.ts';
import { withDatabase } from '../lib/testing/template.ts';

const NAME = `upgrade_${process.pid}`;
const { adminUrl } = inject('testPostgres');

let server: Knex;
let database: Knex;

beforeAll(async () => {
  server = knex(knexConfig(adminUrl));
  await server.raw(`CREATE DATABASE ${NAME}`);
  database = knex(knexConfig(withDatabase(adminUrl, NAME)));
});

afterAll(async () => {
  await database?.destroy();
  await server?.raw(`DROP DATABASE IF EXISTS ${NAME} WITH (FORCE)`);
  await server?.destroy();
});

const rowsOf = async <T>(sql: string, row: z.ZodType<T>): Promise<T[]> => {
  const answer: unknown = await database.raw(sql);
  return z.object({ rows: z.array(row) }).parse(answer).rows;
};

const nameRow = z.object({ name: z.string() });
const contentRow = z.object({ content: z.record(z.string(), z.unknown()) });

/** Every row there is, by table, but for what migrations keep of themselves. */
async function everything(): Promise<Map<string, Record<string, unknown>[]>> {
  const tables = await rowsOf(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_name NOT LIKE 'schema_migrations%' ORDER BY 1`,
    nameRow,
  );
  const all = new Map<string, Record<string, unknown>[]>();
  for (const { name } of tables) {
    const rows = await rowsOf(
      `SELECT to_jsonb(t) AS content FROM "${name}" t ORDER BY CAST(t AS text)`,
      contentRow,
    );
    all.set(
      name,
      rows.map(({ content }) => content),
    );
  }
  return all;
}

test('a filled database of the initial schema comes to the newest one with nothing lost', async () => {
  await database.migrate.up({ name: '0001_initial' });
  await database.raw(await readFile(join(import.meta.dirname, 'fixtures/initial.sql'), 'utf8'));
  const before = await everything();
  const filled = [...before].filter(([, rows]) => rows.length > 0);
  expect(filled.length).toBeGreaterThan(25);
  await database.migrate.latest();
  const after = await everything();
  // A later migration that moves or renames something says here where it is now.
  for (const [table, rows] of filled) {
    expect([table, after.get(table)]).toMatchObject([table, rows]);
  }
});
