import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { isOutage } from '../../lib/db/errors.ts';
import { migrate, type MigrationReport } from '../../migrations/migrate.ts';

export interface MigrateOptions {
  readonly loginSecret?: string | undefined;
  /** How long a database that does not answer yet is waited for. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

const POLL_MS = 500;
const CONNECT_TIMEOUT_MS = 3_000;

/** Brings the database at `url` to this version; several at once wait for one another. */
export async function migrateDatabase(
  url: string,
  { loginSecret, waitMs, signal }: MigrateOptions,
): Promise<MigrationReport> {
  if (waitMs > 0) await untilItAnswers(url, Date.now() + waitMs, signal);
  return migrate(url, { loginSecret });
}

/** A wrong password is no reason to wait; a server or a name that is not there yet is. */
async function untilItAnswers(url: string, untilMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const client = new Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (Date.now() > untilMs || !isOutage(error)) throw error;
      await sleep(POLL_MS, undefined, { signal });
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
