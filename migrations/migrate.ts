import knexFactory from 'knex';
import { Client } from 'pg';
import { ALL_LOGINS } from '../lib/db/logins.ts';
import { databasePassword, openLogins } from '../lib/db/passwords.ts';
import { createJobTables } from '../lib/jobs/schema.ts';
import { knexConfig } from '../knexfile.ts';

export interface MigrationReport {
  /** Names of the migrations that this run applied. */
  readonly applied: readonly string[];
}

const LOCK_NAME = 'leadctl-migrate';
const LOCK_TIMEOUT_MS = 120_000;

/**
 * Brings the database at `url` (its owner's) to the newest schema, job tables included. With a
 * `loginSecret` the daemons' logins get the passwords that follow from it; without, they stay as
 * they are: closed, in a new cluster.
 */
export function migrate(
  url: string,
  { loginSecret }: { readonly loginSecret?: string | undefined } = {},
): Promise<MigrationReport> {
  return alone(url, async () => {
    const knex = knexFactory(knexConfig(url));
    try {
      // Whoever holds our lock is alone: a lock row of knex's is one that a killed run left behind.
      await knex.migrate.forceFreeMigrationsLock();
      const [, applied] = await knex.migrate.latest();
      await createJobTables(url);
      // Daemons look whether the schema is theirs.
      await knex.raw(`GRANT SELECT ON schema_migrations TO ${ALL_LOGINS.join(', ')}`);
      if (loginSecret !== undefined) {
        await openLogins(url, (service) => databasePassword(loginSecret, service));
      }
      return { applied };
    } finally {
      await knex.destroy();
    }
  });
}

/** Several at once wait for one another; the lock ends with its connection, however that ends. */
async function alone<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    options: `-c statement_timeout=${LOCK_TIMEOUT_MS}`,
  });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [LOCK_NAME]);
    return await work();
  } finally {
    await client.end();
  }
}

/** Undoes the newest `steps` migrations, for trying one out; data in dropped tables is gone. */
export async function rollback(url: string, steps: number): Promise<readonly string[]> {
  const knex = knexFactory(knexConfig(url));
  try {
    const undone: string[] = [];
    for (let step = 0; step < steps; step += 1) {
      const [, names] = await knex.migrate.down();
      undone.push(...names);
    }
    return undone;
  } finally {
    await knex.destroy();
  }
}
