import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../lib/testing/database.ts';
import { createMigrationsCheck } from './migrations-check.ts';

let database: TestDatabase;
let owner: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Client({ connectionString: database.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const LAST = '(SELECT name FROM schema_migrations ORDER BY id DESC LIMIT 1)';

test('a database that lacks a migration is named, and one that has caught up is known for good', async () => {
  const { rows } = await owner.query(
    `DELETE FROM schema_migrations WHERE name = ${LAST} RETURNING *`,
  );
  const migrations = createMigrationsCheck({ url: database.url, role: 'leadctl_gateway' });
  await expect(migrations.check()).rejects.toThrow(`lacks ${rows[0].name}: run "leadctl migrate"`);
  await owner.query('INSERT INTO schema_migrations (name, batch) VALUES ($1, 1)', [rows[0].name]);
  await owner.query(
    "INSERT INTO schema_migrations (name, batch) VALUES ('9999_of_a_newer_version', 2)",
  );
  await Promise.all([migrations.check(), migrations.check(), migrations.check()]);
  await owner.query('DELETE FROM schema_migrations');
  await migrations.check();
  await migrations.stop();
});

test('what cannot be read is said without an address', async () => {
  const migrations = createMigrationsCheck({
    url: 'postgres://nobody@127.0.0.1:9/nothing',
    role: 'leadctl_gateway',
  });
  await expect(migrations.check()).rejects.toThrow(/^the schema cannot be read$/);
  await migrations.stop();
});
