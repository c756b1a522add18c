import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import type { TestDaemon } from '../../../lib/testing/daemon.ts';
import { aMembership, openAsOwner } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import type { IntegrationContract } from '../contract.ts';
import { startIntegrationDaemon } from '../testing/daemon.ts';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';

let kit: DeliveryKit;
let daemon: TestDaemon<IntegrationContract>;
let owner: Pool;

const params = { client_id: 'acme' };
const NOT_SHARED = {
  status: 403,
  body: {
    error: { code: 403, status: 'PERMISSION_DENIED', message: 'The caller has no permission' },
  },
};

beforeEach(async () => {
  kit = await startDeliveryKit();
  owner = openAsOwner(kit);
  daemon = await startIntegrationDaemon(kit);
  await kit.client('acme', { whatsapp: false });
  kit.providers.onAppend(() => NOT_SHARED);
  await kit.worker();
});

afterEach(async () => {
  await owner.end();
  await daemon.stop();
  await kit.drop();
});

const admin = () => daemon.client(asAdmin());
const statuses = async () => (await kit.deliveries()).map(({ status }) => status);
const untilAll = (status: string, count: number) =>
  kit.until(async () => (await kit.deliveries('status = $1', [status])).length === count);

/** Three leads wait because the sheet is not shared. */
async function threeHeld() {
  await kit.leads('acme', 3);
  await untilAll('held', 3);
  const [first] = await kit.deliveries();
  return { ...params, delivery_id: first?.id ?? '' };
}

const heldLanes = async () => {
  const answer = await admin().call('getIntegrations', { params });
  return answer.ok ? answer.body.held.map(({ code }) => code) : undefined;
};

describe('retrying one delivery of a held lane', () => {
  test('tries that one, and sends the others as well once it got through', async () => {
    const one = await threeHeld();
    kit.providers.onAppend(() => undefined);
    expect(await admin().call('retryDelivery', { params: one })).toMatchObject({
      ok: true,
      body: { status: 'retrying' },
    });
    await untilAll('delivered', 3);
    expect(kit.providers.rows).toHaveLength(4);
    expect(await heldLanes()).toEqual([]);
  });

  test('leaves all of them held, the lane’s reason told, while its cause is there', async () => {
    const one = await threeHeld();
    const before = kit.providers.appends;
    await admin().call('retryDelivery', { params: one });
    await kit.until(() => kit.providers.appends > before);
    await untilAll('held', 3);
    expect(kit.providers.appends).toBe(before + 1);
    expect(await heldLanes()).toEqual(['PERMISSION_DENIED']);
    const listed = await admin().call('listDeliveries', { params, query: { status: 'held' } });
    expect(listed).toMatchObject({ ok: true, body: { data: { length: 3 } } });
    expect(listed.ok && listed.body.data[0]).toMatchObject({
      status: 'held',
      next_attempt_at: null,
      last_error: { code: 'PERMISSION_DENIED', message: expect.stringContaining('Share the') },
    });
    const waiting = await admin().call('listDeliveries', { params, query: { status: 'retrying' } });
    expect(waiting).toMatchObject({ body: { data: [] } });
  });
});

test('a replay of some of a held lane’s deliveries sends the others as well', async () => {
  await threeHeld();
  const [, second] = await kit.deliveries();
  await kit.pool.query(
    `UPDATE deliveries SET created_at = now() - interval '2 days' WHERE id <> $1`,
    [second?.id],
  );
  kit.providers.onAppend(() => undefined);
  const body = { status: 'held', since: new Date(Date.now() - 3_600_000).toISOString() } as const;
  expect(await admin().call('replayDeliveries', { params, body })).toMatchObject({
    body: { count: 1, groups: [{ code: 'PERMISSION_DENIED', count: 1 }] },
  });
  await untilAll('delivered', 3);
});

test('a member’s replay of their own leads lifts no hold of the client’s', async () => {
  await threeHeld();
  const client = { clientId: clientIdSchema.parse('acme'), name: 'Acme' };
  const boss = await aMembership(owner, { client });
  const rep = await aMembership(owner, { client, reportsTo: boss });
  const [mine] = await kit.deliveries();
  await owner.query('UPDATE leads SET assigned_to_user_client_id = $1 WHERE id = $2', [
    rep.id,
    mine?.lead_id,
  ]);
  const before = kit.providers.appends;
  const replayed = await daemon
    .client(asMember(rep))
    .call('replayDeliveries', { params, body: { status: 'held' } });
  expect(replayed).toMatchObject({ body: { count: 1 } });
  await kit.until(() => kit.providers.appends > before);
  await untilAll('held', 3);
  // One call with one row: the others were not tried along with it.
  expect(kit.providers.appends).toBe(before + 1);
  expect(await heldLanes()).toEqual(['PERMISSION_DENIED']);
});

test('what comes into a held lane says at once that it is held, and is sent with the rest', async () => {
  await threeHeld();
  const { ids } = await kit.leads('acme', 1);
  await untilAll('held', 4);
  const { rows } = await kit.pool.query(
    `SELECT data->>'status' AS status, data->>'code' AS code FROM events
     WHERE kind = 'delivery.updated' AND lead_id = $1`,
    [ids[0]],
  );
  expect(rows).toEqual([{ status: 'held', code: 'PERMISSION_DENIED' }]);
  kit.providers.onAppend(() => undefined);
  const body = { config: { google_sheets: { columns: ['lead_id', 'name'] } } };
  await admin().call('patchIntegrations', { params, query: { lint: 'false' }, body });
  await untilAll('delivered', 4);
  expect(await statuses()).toEqual(Array.from({ length: 4 }, () => 'delivered'));
});
