import { Client } from 'pg';
import { z } from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../postgres/embedded.ts';
import { ensureDataDir } from '../postgres/data-dir.ts';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES } from '../contract/route.ts';
import { withDatabase } from '../testing/template.ts';
import { connectionOptions } from './connection.ts';
import { createDatabase } from './database.ts';
import { globalScope } from './scope.ts';
import { migrate } from '../../migrations/migrate.ts';
import { ALL_LOGINS, loginsOf, type DbRole } from './logins.ts';
import { databaseUrlOf } from './passwords.ts';

const LOGIN_SECRET = 'a login secret that only this test has';

let scratch: string;
/** A cluster of its own: roles and their passwords are the whole cluster's. */
let postgres: EmbeddedPostgres;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'leadctl-passwords-'));
  // So that, under root, the server's user passes.
  await chmod(scratch, 0o755);
  const dataDir = await ensureDataDir(join(scratch, 'data'));
  postgres = await startEmbeddedPostgres({ dataDir, durable: false });
}, 60_000);

afterAll(async () => {
  await postgres.stop();
  await rm(scratch, { recursive: true, force: true });
});

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function whoIs(url: string, role: DbRole): Promise<unknown> {
  const client = new Client(connectionOptions({ url, role, applicationName: 'leadctl-test' }));
  await client.connect();
  try {
    const { rows } = await client.query('SELECT session_user AS name FROM schema_migrations');
    return rows[0]?.name;
  } finally {
    await client.end();
  }
}

/** The URL of a new database, owned by a new user with these attributes. */
async function ownedBy(name: string, attributes: string): Promise<string> {
  await ask(postgres.url, `CREATE ROLE ${name} LOGIN PASSWORD 'its own' ${attributes}`);
  await ask(postgres.url, `CREATE DATABASE ${name} OWNER ${name}`);
  await ask(withDatabase(postgres.url, name), `ALTER SCHEMA public OWNER TO ${name}`);
  const url = new URL(withDatabase(postgres.url, name));
  url.username = name;
  url.password = 'its own';
  return url.href;
}

/** As whom the operator's commands work. */
async function asOwner(url: string): Promise<unknown> {
  const database = createDatabase({
    url,
    role: 'leadctl_auth',
    applicationName: 'leadctl-test',
    poolMax: 1,
    as: 'owner',
  });
  try {
    return await database.inTransaction(globalScope, (unit) =>
      unit.rows(
        z.unknown(),
        'SELECT session_user AS s, current_user AS c FROM schema_migrations LIMIT 1',
      ),
    );
  } finally {
    await database.stop();
  }
}

test('an owner who is no superuser makes the logins', { timeout: 60_000 }, async () => {
  const url = await ownedBy('boss', 'NOSUPERUSER CREATEROLE');
  await migrate(url, { loginSecret: LOGIN_SECRET });
  const own = databaseUrlOf(url, LOGIN_SECRET, 'lead');
  expect(await whoIs(own, 'leadctl_ingest')).toBe('leadctl_ingest');
  expect(await asOwner(url)).toEqual([{ s: 'boss', c: 'leadctl_auth' }]);
});

test('an owner who may make no roles uses those that were made', { timeout: 60_000 }, async () => {
  const url = await ownedBy('tenant', 'NOSUPERUSER NOCREATEROLE');
  await ask(postgres.url, `GRANT ${ALL_LOGINS.join(', ')} TO tenant`);
  await migrate(url);
  const own = databaseUrlOf(url, LOGIN_SECRET, 'lead');
  expect(await whoIs(own, 'leadctl_lead')).toBe('leadctl_lead');
  expect(await asOwner(url)).toEqual([{ s: 'tenant', c: 'leadctl_auth' }]);
});

test(
  'databases of one cluster are migrated at once and again, and each login is let in by its own password alone',
  { timeout: 90_000 },
  async () => {
    const names = ['one', 'two', 'three'];
    for (const name of names) await ask(postgres.url, `CREATE DATABASE ${name}`);
    const urls = [postgres.url, ...names.map((name) => withDatabase(postgres.url, name))];
    await Promise.all(urls.map((url) => migrate(url, { loginSecret: LOGIN_SECRET })));
    await Promise.all(urls.map((url) => migrate(url, { loginSecret: LOGIN_SECRET })));
    for (const service of SERVICES) {
      const url = databaseUrlOf(postgres.url, LOGIN_SECRET, service);
      for (const role of loginsOf(service)) expect(await whoIs(url, role)).toBe(role);
      const other = SERVICES[(SERVICES.indexOf(service) + 1) % SERVICES.length] ?? 'gateway';
      for (const role of loginsOf(other)) {
        await expect(whoIs(url, role)).rejects.toMatchObject({ code: '28P01' });
      }
    }
    await expect(whoIs(postgres.url, 'leadctl_worker')).rejects.toMatchObject({ code: '28P01' });
  },
);

test('another secret closes what the old one opened', { timeout: 30_000 }, async () => {
  await migrate(postgres.url, { loginSecret: 'a newer secret, of which nobody knew' });
  const old = databaseUrlOf(postgres.url, LOGIN_SECRET, 'lead');
  await expect(whoIs(old, 'leadctl_lead')).rejects.toMatchObject({ code: '28P01' });
});

test.each([
  ['ALTER ROLE leadctl_lead BYPASSRLS', 'ALTER ROLE leadctl_lead NOBYPASSRLS'],
  ['GRANT leadctl_worker TO leadctl_lead', 'REVOKE leadctl_worker FROM leadctl_lead'],
])('a login that may do more than it should is named: %s', async (widen, undo) => {
  await ask(postgres.url, widen);
  const refused = migrate(postgres.url, { loginSecret: LOGIN_SECRET });
  await expect(refused).rejects.toThrow(/may do more than it should: leadctl_lead\./);
  await ask(postgres.url, undo);
  await migrate(postgres.url, { loginSecret: LOGIN_SECRET });
});
