import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../migrations/migrate.ts';
import { openLogins } from '../lib/db/passwords.ts';
import { startEmbeddedPostgres } from '../lib/postgres/embedded.ts';

/** The owner's password opens every login, so that a daemon is given the owner's URL as it is. */
export async function migrateWithOnePassword(url: string): Promise<void> {
  await migrate(url);
  const password = decodeURIComponent(new URL(url).password);
  await openLogins(url, () => password);
}

/**
 * Runs `work` against a durable PostgreSQL of its own, migrated, and removes all of it afterwards. One
 * that counts statements has the extension pg_stat_statements, which costs it a little.
 */
export async function withDatabase<T>(
  work: (url: string) => Promise<T>,
  { countsStatements = false } = {},
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'leadctl-bench-'));
  let postgres = await startEmbeddedPostgres({ dataDir, durable: true });
  if (countsStatements) {
    await query(postgres.url, "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
    await postgres.stop();
    postgres = await startEmbeddedPostgres({ dataDir, durable: true });
    await query(postgres.url, 'CREATE EXTENSION pg_stat_statements');
  }
  try {
    await migrateWithOnePassword(postgres.url);
    return await work(postgres.url);
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
