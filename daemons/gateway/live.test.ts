import { request } from 'node:http';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccessCopy } from '../../lib/access/copy.ts';
import { systemClock } from '../../lib/core/clock.ts';
import { newId } from '../../lib/core/ids.ts';
import { stopAll, type Stoppable } from '../../lib/core/lifecycle.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { createNotificationHub } from '../../lib/db/notifications.ts';
import { createLogger } from '../../lib/telemetry/log.ts';
import { createTestDatabase } from '../../lib/testing/database.ts';
import {
  aClient,
  aMembership,
  aRole,
  aUser,
  openAsOwner,
  type TestClient,
} from '../../lib/testing/factories.ts';
import { KINDS, openBench, type GatewayBench } from './testing/bench.ts';

const STREAM = 'GET /api/clients/{client_id}/stream';
const ENDED = { isEndedInASecond: true, doOthersGoOn: true };
const log = createLogger({ service: 'gateway', version: 'test', level: 'silent' });

describe.each(KINDS)('a live stream of a daemon reached by %s', (kind) => {
  const running: Stoppable[] = [];
  let bench: GatewayBench;
  let db: Pool;
  beforeAll(async () => {
    const database = await createTestDatabase();
    db = openAsOwner(database);
    const options = {
      url: database.url,
      role: 'leadctl_gateway',
      applicationName: 'leadctl-test',
    } as const;
    const connections = createDatabase({ ...options, poolMax: 4 });
    const hub = await createNotificationHub({ ...options, log });
    const copy = createAccessCopy({ database: connections, hub, clock: systemClock, log });
    bench = await openBench({ kind, access: { copy, hub } });
    const drop = { stop: () => database.drop() };
    running.push(drop, { stop: () => db.end() }, connections, hub, bench);
  });
  afterAll(() => stopAll(running));

  interface Reader {
    /** Milliseconds from now until the stream ends; undefined when it has not after 2.5 s. */
    untilEnded(): Promise<number | undefined>;
    readonly isOpen: () => boolean;
    close(): void;
  }

  /** A grant that was just made is known once it has been announced. */
  async function read(...from: Parameters<typeof tryToRead>): Promise<Reader> {
    const started = Date.now();
    for (;;) {
      const reader = await tryToRead(...from);
      if (reader !== undefined) return reader;
      if (Date.now() - started > 2_000) throw new Error('the stream never opened');
    }
  }

  async function tryToRead(
    userId: string,
    { clientId }: TestClient,
    lifetimeSeconds = 60,
  ): Promise<Reader | undefined> {
    const user = { id: userId, email: 'somebody@example.com', isAdmin: false };
    const token = bench.ring.issue({
      type: 'access',
      user,
      jti: newId(),
      sid: userId,
      lifetimeSeconds,
    });
    const ended = Promise.withResolvers<number>();
    let isOpen = true;
    const end = () => {
      isOpen = false;
      ended.resolve(performance.now());
    };
    const outgoing = request({
      host: '127.0.0.1',
      port: bench.port,
      path: `/api/clients/${clientId}/stream`,
      headers: { authorization: `Bearer ${token}` },
      agent: false,
    });
    const answered = new Promise<number | undefined>((resolve) => {
      outgoing.on('response', (response) => {
        response.on('error', () => undefined).once('close', end);
        response.once('data', () => resolve(response.statusCode));
      });
    });
    outgoing.on('error', () => undefined).end();
    if ((await answered) !== 200) return undefined;
    return {
      async untilEnded() {
        const fromMs = performance.now();
        const limit = new Promise<undefined>((resolve) => setTimeout(resolve, 2_500, undefined));
        const atMs = await Promise.race([ended.promise, limit]);
        return atMs === undefined ? undefined : Math.max(0, atMs - fromMs);
      },
      isOpen: () => isOpen,
      close: () => outgoing.destroy(),
    };
  }

  async function aReader() {
    const role = await aRole(db, { grants: [STREAM] });
    const membership = await aMembership(db, { role });
    return { membership, role, reader: await read(membership.userId, membership) };
  }

  /** What the change does to the reader's stream, and to a bystander's. */
  async function outcomeOf(reader: Reader, change: string, values: string[]) {
    const bystander = await aReader();
    await db.query(change, values);
    const afterMs = await reader.untilEnded();
    const doOthersGoOn = bystander.reader.isOpen();
    bystander.reader.close();
    return { isEndedInASecond: afterMs !== undefined && afterMs < 1_000, doOthersGoOn };
  }

  test('ends when its user is disabled', async () => {
    const { reader, membership } = await aReader();
    expect(
      await outcomeOf(reader, `UPDATE users SET status = 'disabled' WHERE id = $1`, [
        membership.userId,
      ]),
    ).toEqual(ENDED);
  });

  test('ends when the session of its token ends', async () => {
    const { reader, membership } = await aReader();
    expect(
      await outcomeOf(reader, 'UPDATE sessions SET ended_at = now() WHERE user_id = $1', [
        membership.userId,
      ]),
    ).toEqual(ENDED);
  });

  test('ends when the grant is revoked', async () => {
    const { reader, role } = await aReader();
    expect(
      await outcomeOf(reader, 'DELETE FROM role_permissions WHERE role_id = $1', [role.id]),
    ).toEqual(ENDED);
  });

  test('ends when the client is suspended', async () => {
    const { reader, membership } = await aReader();
    expect(
      await outcomeOf(reader, `UPDATE clients SET status = 'suspended' WHERE client_id = $1`, [
        membership.clientId,
      ]),
    ).toEqual(ENDED);
  });

  test('ends when the membership gets another role, though that one may stream too', async () => {
    const { reader, membership } = await aReader();
    const other = await aRole(db, { grants: [STREAM] });
    expect(
      await outcomeOf(reader, 'UPDATE user_clients SET role_id = $1 WHERE id = $2', [
        other.id,
        membership.id,
      ]),
    ).toEqual(ENDED);
  });

  test('of an admin ends when the user is one no longer, though a role lets them stream', async () => {
    const client = await aClient(db);
    const user = await aUser(db, { isAdmin: true });
    const role = await aRole(db, { grants: [STREAM] });
    await aMembership(db, { client, user, role });
    const reader = await read(user.id, client);
    expect(
      await outcomeOf(reader, 'UPDATE users SET is_admin = false WHERE id = $1', [user.id]),
    ).toEqual(ENDED);
  });

  test('ends when the token expires, and not before', async () => {
    const user = await aUser(db, { isAdmin: true });
    const openedAtMs = Date.now();
    const reader = await read(user.id, await aClient(db), 2);
    // A token is good to the whole second.
    const expiresAtMs = (Math.floor(openedAtMs / 1000) + 2) * 1000;
    expect(await reader.untilEnded()).toBeDefined();
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs);
    expect(Date.now()).toBeLessThan(expiresAtMs + 1_000);
  });

  test('goes on while nothing changes, and when what changes is something else', async () => {
    const { reader, membership } = await aReader();
    await db.query('UPDATE clients SET name = name WHERE client_id = $1', [membership.clientId]);
    expect(await reader.untilEnded()).toBeUndefined();
    expect(bench.streams.count).toBeGreaterThan(0);
    reader.close();
    await expect.poll(() => bench.streams.count).toBe(0);
  });
});
