import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestDaemon } from '../../../lib/testing/daemon.ts';
import { openAsOwner } from '../../../lib/testing/factories.ts';
import { asAdmin } from '../../../lib/testing/identities.ts';
import type { IntegrationContract } from '../contract.ts';
import { startIntegrationDaemon } from '../testing/daemon.ts';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';

let kit: DeliveryKit;
let daemon: TestDaemon<IntegrationContract>;
let owner: Pool;

const params = { client_id: 'acme' };
const STOPPED = { channel: 'whatsapp', address: '+4915123456789' } as const;

beforeEach(async () => {
  kit = await startDeliveryKit();
  owner = openAsOwner(kit);
  daemon = await startIntegrationDaemon(kit);
  await kit.client('acme');
  await kit.client('other');
});

afterEach(async () => {
  await owner.end();
  await daemon.stop();
  await kit.drop();
});

const admin = () => daemon.client(asAdmin());
const list = async (query: { channel?: 'whatsapp' | 'email'; address?: string } = {}) => {
  const answer = await admin().call('listSuppressions', { params, query });
  return answer.ok ? answer.body.data : answer.problem;
};
const until = (status: string, count: number) =>
  kit.until(async () => (await kit.deliveries('status = $1', [status])).length === count);

describe('a suppression', () => {
  test('is made once, listed, and lifted by its address or its id', async () => {
    const body = { ...STOPPED, address: '+49 151 2345 6789', reason: 'asked on the phone' };
    const made = await admin().call('addSuppression', { params, body });
    expect(made).toMatchObject({
      status: 201,
      body: { ...STOPPED, reason: 'asked on the phone', made_by: 'operator' },
    });
    expect(await admin().call('addSuppression', { params, body })).toMatchObject({ status: 200 });
    const email = { channel: 'email', address: 'Ada@Example.com' } as const;
    const other = await admin().call('addSuppression', { params, body: email });
    expect(other).toMatchObject({ status: 201, body: { address: 'ada@example.com' } });
    expect(await list()).toMatchObject([{ channel: 'email' }, { channel: 'whatsapp' }]);
    expect(await list({ channel: 'email' })).toHaveLength(1);
    expect(await list({ address: '+4915123456789' })).toMatchObject([STOPPED]);
    expect(await admin().call('liftSuppression', { params, body: STOPPED })).toMatchObject({
      status: 204,
    });
    const id = other.ok ? other.body.id : '';
    const byId = { params: { ...params, suppression_id: id } };
    expect(await admin().call('liftSuppressionById', byId)).toMatchObject({ status: 204 });
    expect(await admin().call('liftSuppressionById', byId)).toMatchObject({
      ok: false,
      problem: { status: 404 },
    });
    expect(await list()).toEqual([]);
  });

  test('of something that is no address is refused', async () => {
    const call = (body: { channel: 'whatsapp' | 'email'; address: string }) =>
      admin().call('addSuppression', { params, body });
    const refused = { ok: false, problem: { status: 422, code: 'validation_failed' } };
    expect(await call({ channel: 'whatsapp', address: 'call me' })).toMatchObject(refused);
    expect(await call({ channel: 'email', address: '+4915123456789' })).toMatchObject(refused);
  });

  test('is told in the audit log without the whole address', async () => {
    await admin().call('addSuppression', { params, body: STOPPED });
    await admin().call('liftSuppression', { params, body: STOPPED });
    const { rows } = await owner.query('SELECT action, detail FROM audit_log ORDER BY id');
    expect(rows.map(({ action }) => action)).toEqual(['suppression.add', 'suppression.lift']);
    expect(JSON.stringify(rows)).not.toContain('5123456');
  });

  test('of one client is none of another', async () => {
    await admin().call('addSuppression', { params, body: STOPPED });
    await kit.worker();
    await kit.leads('other', 1, { phone: STOPPED.address });
    await kit.leads('acme', 1, { phone: STOPPED.address });
    await until('skipped', 1);
    await kit.until(() => kit.providers.messages.length === 1);
    expect(await kit.deliveries(`status = 'skipped'`)).toMatchObject([
      { kind: 'whatsapp', last_error_code: 'suppressed' },
    ]);
  });
});

describe('a person who said no', () => {
  const skippedFor = async (reason: string) => {
    await kit.worker();
    await until('skipped', 1);
    expect(await kit.deliveries(`status = 'skipped'`)).toMatchObject([
      { kind: 'whatsapp', last_error_code: reason },
    ]);
    // The client's own record of the lead is none that is sent to the person.
    await until('delivered', 1);
    expect(kit.providers.messages).toEqual([]);
  };

  test('by consent gets no message, and stands in the sheet', async () => {
    const { ids } = await kit.leads('acme', 1);
    await kit.pool.query(`UPDATE leads SET consent = '"no"' WHERE id = $1`, ids);
    await skippedFor('no_consent');
    const listed = await admin().call('listDeliveries', { params, query: { status: 'skipped' } });
    expect(listed).toMatchObject({
      body: { data: [{ status: 'skipped', last_error: { code: 'no_consent' }, attempts: 1 }] },
    });
    const { rows } = await kit.pool.query(
      `SELECT data->>'code' AS code FROM events WHERE data->>'status' = 'skipped'`,
    );
    expect(rows).toEqual([{ code: 'no_consent' }]);
  });

  test('is not written to by a retry or a replay either, and is once they agree', async () => {
    await admin().call('addSuppression', { params, body: STOPPED });
    const { ids } = await kit.leads('acme', 1, { phone: STOPPED.address });
    await skippedFor('suppressed');
    const [skipped] = await kit.deliveries(`status = 'skipped'`);
    const one = { ...params, delivery_id: skipped?.id ?? '' };
    const attempts = async () => (await kit.deliveries('id = $1', [skipped?.id]))[0]?.attempts;
    expect(await admin().call('retryDelivery', { params: one })).toMatchObject({ ok: true });
    await kit.until(async () => (await attempts()) === 2);
    await until('skipped', 1);
    const replay = { params, body: { status: 'skipped' } } as const;
    expect(await admin().call('replayDeliveries', replay)).toMatchObject({ body: { count: 1 } });
    await kit.until(async () => (await attempts()) === 3);
    await until('skipped', 1);
    expect(kit.providers.messages).toEqual([]);
    await admin().call('liftSuppression', { params, body: STOPPED });
    await admin().call('replayDeliveries', replay);
    await kit.until(() => kit.providers.messages.length === 1);
    expect(ids).toHaveLength(1);
  });
});

describe('one number', () => {
  test('gets five messages of a client a day, however many leads there are, and however they come', async () => {
    await Promise.all([kit.worker(), kit.worker()]);
    const phone = '+14155552671';
    await Promise.all(Array.from({ length: 8 }, () => kit.leads('acme', 5, { phone })));
    await kit.leads('other', 1, { phone });
    await kit.until(async () => (await kit.deliveries(`status = 'skipped'`)).length === 35, 20_000);
    await kit.until(() => kit.providers.messages.length === 6);
    const [skipped] = await kit.deliveries(`status = 'skipped'`);
    expect(skipped).toMatchObject({ last_error_code: 'recipient_limit' });
    await kit.pool.query(
      `UPDATE recipient_messages SET sent = (SELECT jsonb_object_agg(key, value::numeric - 90000)
         FROM jsonb_each(sent) AS e (key, value)) WHERE client_id = 'acme'`,
    );
    const one = { ...params, delivery_id: skipped?.id ?? '' };
    await admin().call('retryDelivery', { params: one });
    await kit.until(() => kit.providers.messages.length === 7);
  }, 30_000);

  test('is not charged for what did not go out', async () => {
    kit.providers.onMessage(() => ({
      status: 400,
      body: { error: { code: 131026, message: 'Message undeliverable' } },
    }));
    await kit.worker();
    const phone = '+14155552671';
    await kit.leads('acme', 8, { phone });
    await kit.until(async () => (await kit.deliveries(`status = 'failed'`)).length === 8, 20_000);
    kit.providers.onMessage(() => undefined);
    await kit.leads('acme', 5, { phone });
    await kit.until(() => kit.providers.messages.length === 5);
    expect(await kit.deliveries(`status = 'skipped'`)).toEqual([]);
  }, 30_000);
});
