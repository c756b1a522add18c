import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../migrations/migrate.ts';
import { openLogins } from '../lib/db/passwords.ts';
import { startEmbeddedPostgres } from '../lib/postgres/embedded.ts';

/** The owner's password opens every login, so that a daemon is given the owner's URL as it is. */
export async function migrateWithOnePassword(url: string): Promise<void> {
  await migrate(url);
  const password = decodeURIComponent(new URL(url).password);
  await openLogins(url, () => password);
}

/** Runs `work` against a durable PostgreSQL of its own, migrated, and removes all of it afterwards. */
export async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'leadctl-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDir, durable: true });
  try {
    await migrateWithOnePassword(postgres.url);
    return await work(postgres.url);
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
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
