import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError, type Client } from 'pg';
import { inject } from 'vitest';

import { withAdmin, withDatabase } from './template.ts';

const CLONE_ATTEMPTS = 50;
const LEAVE_ATTEMPTS = 150;
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

const open = new Set<string>();

/** The databases of this process that were made and not dropped. */
export const openDatabases = (): ReadonlySet<string> => open;

/**
 * A migrated database of the caller's own, on the test run's server. Drop it in `afterAll`, after
 * all that is connected to it: what still is fails the drop, and is named.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { adminUrl, templateName } = inject('testPostgres');
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await withAdmin(adminUrl, (client) => clone(client, templateName, name));
  open.add(name);
  return {
    url: withDatabase(adminUrl, name),
    async drop() {
      await withAdmin(adminUrl, async (client) => {
        const users = await usersAfterAWhile(client, name);
        await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
        open.delete(name);
        if (users.length > 0) throw new Error(`Left connected to a test database: ${users}.`);
      });
    },
  };
}

/**
 * Who is still connected, once those that were ended had their time to say goodbye: cut off while
 * they do, they would report an error.
 */
async function usersAfterAWhile(client: Client, name: string): Promise<string[]> {
  let users: string[] = [];
  for (let attempt = 1; attempt <= LEAVE_ATTEMPTS; attempt += 1) {
    const { rows } = await client.query(
      `SELECT coalesce(nullif(application_name, ''), 'unnamed') || ' as ' || usename AS who
       FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    );
    users = rows.map(({ who }) => String(who));
    if (users.length === 0) return users;
    await sleep(RETRY_DELAY_MS);
  }
  return users;
}

/** FILE_COPY takes half the time of WAL_LOG here, alone and with several at once. */
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
