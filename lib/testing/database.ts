import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, type Client } from 'pg';
import { inject } from 'vitest';

import { withAdmin, withDatabase } from './template.ts';

const CLONE_ATTEMPTS = 50;
const RETRY_DELAY_MS = 20;
/** 55006 object_in_use: somebody is connected to the template. */
const OBJECT_IN_USE = '55006';

export type TestPostgres = { adminUrl: string; templateName: string };
export type TestDatabase = { url: string; drop(): Promise<void> };

declare module 'vitest' {
  export interface ProvidedContext {
    testPostgres: TestPostgres;
  }
}

/**
 * A migrated database of the caller's own, on the test run's server. Drop it in `afterAll`; what is
 * forgotten goes with the server.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { adminUrl, templateName } = inject('testPostgres');
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await withAdmin(adminUrl, (client) => clone(client, templateName, name));
  return {
    url: withDatabase(adminUrl, name),
    async drop() {
      await withAdmin(adminUrl, async (client) => {
        await waitUntilUnused(client, name);
        await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
      });
    },
  };
}

/** FILE_COPY takes half the time of WAL_LOG here, alone and with several at once. */
/** A pool that was ended says goodbye in its own time; cut off while it does, it would report an error. */
async function waitUntilUnused(client: Client, name: string): Promise<void> {
  for (let attempt = 1; attempt <= CLONE_ATTEMPTS; attempt += 1) {
    const { rowCount } = await client.query('SELECT FROM pg_stat_activity WHERE datname = $1', [
      name,
    ]);
    if (rowCount === 0) return;
    await sleep(RETRY_DELAY_MS);
  }
}

async function clone(client: Client, templateName: string, name: string): Promise<void> {
  const statement =
    `CREATE DATABASE ${client.escapeIdentifier(name)}` +
    ` TEMPLATE ${client.escapeIdentifier(templateName)} STRATEGY FILE_COPY`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      const busy = error instanceof DatabaseError && error.code === OBJECT_IN_USE;
      if (!busy || attempt >= CLONE_ATTEMPTS) throw error;
      await sleep(RETRY_DELAY_MS);
    }
  }
}
