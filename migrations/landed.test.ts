import { createHash } from 'node:crypto';
import knexFactory, { type Knex } from 'knex';
import { expect, test } from 'vitest';
import { migrationSource } from './index.ts';

/**
 * What each migration does to a database, as a digest of its statements. Databases that have run one never
 * run it again, so an edit would reach new databases alone.
 */
const LANDED: Readonly<Record<string, string>> = {
  '0001_initial': 'b88ef5e20d4cd7f721d35e0b8e4bb453',
};

/** The statements of `up`, which are all of `knex.raw`. */
async function statementsOf(migration: Knex.Migration): Promise<string[]> {
  const statements: string[] = [];
  const record = (sql: string): Promise<void> => {
    statements.push(sql);
    return Promise.resolve();
  };
  const recorder: Knex = Object.create(knexFactory({ client: 'pg' }), { raw: { value: record } });
  await migration.up(recorder);
  return statements;
}

const digestOf = (statements: readonly string[]): string =>
  createHash('sha256').update(statements.join('\0')).digest('hex').slice(0, 32);

const AS_IT_LANDED = 'as it landed';
const NAMES = await migrationSource.getMigrations([]);

test('migrations are numbered from 1 without gaps', () => {
  expect(NAMES.map((name) => name.slice(0, 5))).toEqual(
    NAMES.map((_name, index) => `${String(index + 1).padStart(4, '0')}_`),
  );
});

test.each(NAMES)('%s is what it was when it landed', async (name) => {
  const digest = digestOf(await statementsOf(await migrationSource.getMigration(name)));
  const advice =
    name in LANDED
      ? `${name}, or what it imports, was edited. Undo that, and make the change in a migration of its own: a database that has run ${name} would never see it.`
      : `${name} is new. Once it is as it shall be, pin it: add '${name}': '${digest}' to LANDED in migrations/landed.test.ts.`;
  expect(digest === LANDED[name] ? AS_IT_LANDED : advice).toBe(AS_IT_LANDED);
});

test('nothing that has landed is gone', () => {
  expect(NAMES).toEqual(expect.arrayContaining(Object.keys(LANDED)));
});
