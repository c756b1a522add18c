import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { isFailure } from '../core/errors.ts';
import { stopAll } from '../core/lifecycle.ts';
import { createDatabase, type Database } from '../db/database.ts';
import { createNotificationHub, type NotificationHub } from '../db/notifications.ts';
import { createLogger } from '../telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { sha256Hex } from '../secrets/tokens.ts';
import {
  aClient,
  aMachineToken,
  aMembership,
  aRole,
  aUser,
  openAsOwner,
  unique,
} from '../testing/factories.ts';
import { createAccessCopy, type AccessCopy } from './copy.ts';

const log = createLogger({ service: 'gateway', version: 'test', level: 'silent' });
const LISTING = 'GET /api/clients/{client_id}/leads';

let testDatabase: TestDatabase;
let db: Pool;
let admin: Client;
let hub: NotificationHub;
let gatewayDatabase: Database;
let copy: AccessCopy;
let aheadMs = 0;
let transactions = 0;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  admin = new Client({ connectionString: inject('testPostgres').adminUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await testDatabase.drop();
});

beforeEach(async () => {
  aheadMs = 0;
  transactions = 0;
  db = openAsOwner(testDatabase);
  db.on('error', () => undefined);
  hub = await createNotificationHub({
    url: testDatabase.url,
    role: 'leadctl_gateway',
    applicationName: 'leadctl-test-hub',
    log,
  });
  gatewayDatabase = createDatabase({
    url: testDatabase.url,
    role: 'leadctl_gateway',
    applicationName: 'leadctl-test-gateway',
    poolMax: 4,
  });
  copy = createAccessCopy({
    database: counting(gatewayDatabase),
    hub,
    clock: () => new Date(Date.now() + aheadMs),
    log,
  });
  await settle();
});

afterEach(async () => {
  await stopAll([gatewayDatabase, hub, copy]);
  await db.end();
});

function counting(database: Database): Database {
  return {
    ...database,
    inTransaction(scope, work) {
      transactions += 1;
      return database.inTransaction(scope, work);
    },
  };
}

/** Lets what was announced so far arrive. */
const settle = () => sleep(100);

async function statusOf(userId: string): Promise<string | undefined> {
  const principal = await copy.principal(userId);
  return isFailure(principal) ? principal.code : principal?.status;
}

/** What the copy must come to say within a second, with announcements alone to go by. */
const SOON = { timeout: 1_000, interval: 20 };

async function cutOff(): Promise<void> {
  const name = new URL(testDatabase.url).pathname.slice(1);
  await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
    name,
  ]);
  await settle();
}

async function reconnect(): Promise<void> {
  const name = new URL(testDatabase.url).pathname.slice(1);
  await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  await sleep(600);
}

describe('a change made over another connection is seen within a second', () => {
  test('a suspended client, a moved and a removed member, a disabled user', async () => {
    const member = await aMembership(db);
    const other = await aRole(db);
    await settle();
    const seen = async () => {
      const principal = await copy.principal(member.userId);
      if (isFailure(principal)) throw new Error(principal.detail);
      const membership = principal?.memberships[0];
      return [principal?.status, membership?.clientStatus, membership?.roleId];
    };
    expect(await seen()).toEqual(['active', 'active', member.roleId]);
    await db.query(`UPDATE clients SET status = 'suspended' WHERE client_id = $1`, [
      member.clientId,
    ]);
    await expect.poll(seen, SOON).toEqual(['active', 'suspended', member.roleId]);
    await db.query('UPDATE user_clients SET role_id = $1 WHERE id = $2', [other.id, member.id]);
    await expect.poll(seen, SOON).toEqual(['active', 'suspended', other.id]);
    await db.query('DELETE FROM user_clients WHERE id = $1', [member.id]);
    await expect.poll(seen, SOON).toEqual(['active', undefined, undefined]);
    await db.query(`UPDATE users SET status = 'disabled' WHERE id = $1`, [member.userId]);
    await expect.poll(seen, SOON).toEqual(['disabled', undefined, undefined]);
  });

  test('a machine token revoked, and its client suspended', async () => {
    const client = await aClient(db);
    const { id, token } = await aMachineToken(db, { client, role: await aRole(db) });
    await settle();
    const seen = async () => {
      const principal = await copy.token(sha256Hex(token));
      return isFailure(principal) ? principal.code : principal?.memberships[0]?.clientStatus;
    };
    expect(await seen()).toBe('active');
    await db.query("UPDATE clients SET status = 'suspended' WHERE client_id = $1", [
      client.clientId,
    ]);
    await expect.poll(seen, SOON).toBe('suspended');
    await db.query('UPDATE machine_tokens SET revoked_at = now(), role_id = NULL WHERE id = $1', [
      id,
    ]);
    await expect.poll(seen, SOON).toBeUndefined();
  });

  test('a session that ends, while those of others are kept', async () => {
    const [ada, bob] = [await aUser(db), await aUser(db)];
    expect(await copy.sessionOwner(ada.id)).toBe(ada.id);
    expect(await copy.sessionOwner(bob.id)).toBe(bob.id);
    await db.query('UPDATE sessions SET ended_at = now() WHERE id = $1', [ada.id]);
    await expect.poll(() => copy.sessionOwner(ada.id), SOON).toBeUndefined();
    const asked = transactions;
    expect(await copy.sessionOwner(bob.id)).toBe(bob.id);
    expect(transactions).toBe(asked);
  });

  test('a grant, a revocation and a route that is gone', async () => {
    const role = await aRole(db, { grants: [LISTING] });
    await settle();
    const holds = async () => {
      const roles = await copy.roles();
      return !isFailure(roles) && roles(role.id)?.grants.has(LISTING);
    };
    expect(await holds()).toBe(true);
    await db.query('DELETE FROM role_permissions WHERE role_id = $1', [role.id]);
    await expect.poll(holds, SOON).toBe(false);
    await db.query('INSERT INTO role_permissions SELECT $1, id FROM permissions', [role.id]);
    await expect.poll(holds, SOON).toBe(true);
    await db.query('UPDATE permissions SET gone_at = now()');
    await expect.poll(holds, SOON).toBe(false);
  });
});

describe('what is kept', () => {
  test('is asked for once, however many ask at the same time', async () => {
    const user = await aUser(db);
    await settle();
    transactions = 0;
    await Promise.all(Array.from({ length: 50 }, () => statusOf(user.id)));
    expect(await statusOf(user.id)).toBe('active');
    expect(transactions).toBe(1);
  });

  test('knows nobody by an id that does not exist, or is none', async () => {
    expect(await copy.principal('00000000-0000-7000-8000-000000000000')).toBeUndefined();
    expect(await copy.principal("x' OR true --")).toBeUndefined();
  });
});

describe('while the database is away', () => {
  afterEach(reconnect);

  test('the last known holds for 30 s and not longer, and nobody new is let in', async () => {
    const [known, stranger] = [await aUser(db), await aUser(db)];
    await settle();
    expect(await statusOf(known.id)).toBe('active');
    expect(isFailure(await copy.roles())).toBe(false);
    await cutOff();
    expect(await statusOf(stranger.id)).toBe('upstream_unavailable');
    aheadMs = 20_000;
    expect(await statusOf(known.id)).toBe('active');
    expect(isFailure(await copy.roles())).toBe(false);
    expect(copy.isTrusted()).toBe(true);
    aheadMs = 31_000;
    expect(await statusOf(known.id)).toBe('upstream_unavailable');
    expect(isFailure(await copy.roles())).toBe(true);
    expect(copy.isTrusted()).toBe(false);
    await expect(copy.check()).rejects.toThrow('cannot be read');
  });

  test('what was changed meanwhile is seen once it is back', async () => {
    const user = await aUser(db);
    await settle();
    expect(await statusOf(user.id)).toBe('active');
    await cutOff();
    aheadMs = 31_000;
    expect(await statusOf(user.id)).toBe('upstream_unavailable');
    aheadMs = 0;
    await reconnect();
    await db.query(`UPDATE users SET status = 'disabled' WHERE id = $1`, [user.id]);
    await settle();
    expect(await statusOf(user.id)).toBe('disabled');
    expect(copy.isTrusted()).toBe(true);
  });
});

test('a lost listening connection alone makes nothing stale: all is asked for again', async () => {
  const user = await aUser(db);
  await settle();
  expect(await statusOf(user.id)).toBe('active');
  // Nothing of this is announced to anybody: the listener is gone, and a trigger is off.
  await db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leadctl-test-hub'`,
  );
  await db.query(`ALTER TABLE users DISABLE TRIGGER announce_access_change`);
  await db.query(`UPDATE users SET status = 'disabled' WHERE id = $1`, [user.id]);
  await db.query(`ALTER TABLE users ENABLE TRIGGER announce_access_change`);
  await sleep(800);
  expect(await statusOf(user.id)).toBe('disabled');
});

describe('what is not there', () => {
  test('is looked for each time: a client may be made, and a token too, a moment later', async () => {
    const { token } = await aMachineToken(db);
    const clientId = `client-${unique()}`;
    expect(await copy.hasClient(clientId)).toBe(false);
    await db.query('ALTER TABLE clients DISABLE TRIGGER announce_access_change');
    await aClient(db, { clientId });
    await db.query('ALTER TABLE clients ENABLE TRIGGER announce_access_change');
    expect(await copy.hasClient(clientId)).toBe(true);
    expect(await copy.hasClient('No Client’s Id')).toBe(false);
    const asked = transactions;
    expect(await copy.hasClient(clientId)).toBe(true);
    expect(transactions).toBe(asked);
    const hash = sha256Hex(token);
    expect(await copy.token(hash)).toMatchObject({ isAdmin: true });
    expect(await copy.token(sha256Hex('lsk_none'))).toBeUndefined();
  });
});

test('that a machine token is used is written at most once a minute, and is no change of access', async () => {
  const { id, token } = await aMachineToken(db);
  await settle();
  const lastUsed = async () =>
    (
      await db.query<{ at: Date | null }>(
        'SELECT last_used_at AS at FROM machine_tokens WHERE id = $1',
        [id],
      )
    ).rows[0]?.at;
  expect(await lastUsed()).toBeNull();
  copy.noteTokenUse(id);
  await expect.poll(lastUsed, SOON).toBeInstanceOf(Date);
  const first = await lastUsed();
  await copy.token(sha256Hex(token));
  const asked = transactions;
  aheadMs = 59_000;
  copy.noteTokenUse(id);
  expect(transactions).toBe(asked);
  aheadMs = 61_000;
  copy.noteTokenUse(id);
  await expect.poll(lastUsed, SOON).not.toEqual(first);
});
