import { Client } from 'pg';
import { expect, test } from 'vitest';

import { createTestDatabase } from './database.ts';

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

test('two test databases do not see each other, and a dropped one is gone', async () => {
  const one = await createTestDatabase();
  const two = await createTestDatabase();
  const inOne = await connect(one.url);
  await inOne.query('CREATE TABLE only_here (id int)');
  const inTwo = await connect(two.url);
  const seen = await inTwo.query("SELECT to_regclass('only_here') AS found");
  expect(seen.rows).toEqual([{ found: null }]);

  await inTwo.end();
  await two.drop();
  const gone = new Client({ connectionString: two.url });
  await expect(gone.connect()).rejects.toMatchObject({ code: '3D000' });
  await inOne.end();
  await one.drop();
});

test('a connection that was forgotten fails the drop, and is named', async () => {
  const database = await createTestDatabase();
  const forgotten = await connect(database.url);
  forgotten.on('error', () => {});
  await expect(database.drop()).rejects.toThrow('Left connected to a test database: unnamed as');
});

test('many clones at once all succeed, each under a name of its own', async () => {
  const databases = await Promise.all(Array.from({ length: 8 }, () => createTestDatabase()));
  expect(new Set(databases.map((database) => database.url)).size).toBe(8);
  await Promise.all(databases.map((database) => database.drop()));
});

test('text sorts by code point and is UTF-8 whatever the machine’s locale', async () => {
  const database = await createTestDatabase();
  const client = await connect(database.url);
  const sorted = await client.query(
    "SELECT string_agg(t, '' ORDER BY t) AS text, upper('é') AS upper FROM unnest(ARRAY['a','B','é','Z']) t",
  );
  expect(sorted.rows).toEqual([{ text: 'BZaé', upper: 'É' }]);
  await client.end();
  await database.drop();
});
