import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { fingerprint } from '../../../lib/secrets/sealed.ts';
import type { TestDaemon } from '../../../lib/testing/daemon.ts';
import { aMembership, openAsOwner } from '../../../lib/testing/factories.ts';
import type { IntegrationContract } from '../contract.ts';
import type { integrationsChange } from './shapes.ts';
import { startIntegrationDaemon } from '../testing/daemon.ts';
import { SERVICE_ACCOUNT, startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';

let kit: DeliveryKit;
let daemon: TestDaemon<IntegrationContract>;

const params = { client_id: 'acme' };

beforeEach(async () => {
  kit = await startDeliveryKit();
  await kit.pool.query(
    `INSERT INTO clients (client_id, name) VALUES ('acme', 'Acme'), ('other', 'O')`,
  );
  daemon = await startIntegrationDaemon(kit);
});

afterEach(async () => {
  await daemon.stop();
  await kit.drop();
});

const admin = () => daemon.client(asAdmin());

const WHATSAPP = {
  phone_number_id: '123',
  access_token: 'EAAGsecret',
  template: { name: 'new_lead', language: 'en_US', parameters: ['name'] },
};
const FULL = {
  whatsapp_enabled: true,
  google_sheets_enabled: true,
  google_sheet_id: 'sheet-1',
  config: {
    whatsapp: WHATSAPP,
    google_sheets: { service_account: SERVICE_ACCOUNT, columns: ['name', 'phone', 'city'] },
  },
};

async function put(body: z.input<typeof integrationsChange>) {
  const answer = await admin().call('putIntegrations', { params, body });
  if (!answer.ok) throw new Error(JSON.stringify(answer.problem));
  return answer.body;
}

describe('settings', () => {
  test('read back without their secrets, which are sealed at rest', async () => {
    const written = await put(FULL);
    expect(written.config.whatsapp).toMatchObject({
      phone_number_id: '123',
      access_token: { set: true },
      template: WHATSAPP.template,
    });
    expect(written.config.whatsapp.access_token?.fingerprint).toBe(
      fingerprint(
        { clientId: params.client_id, field: 'whatsapp.access_token' },
        WHATSAPP.access_token,
      ),
    );
    const read = await admin().call('getIntegrations', { params });
    expect(JSON.stringify(read)).not.toMatch(/EAAGsecret|PRIVATE KEY/);
    const { rows } = await kit.pool.query(
      `SELECT config::text AS config, (SELECT string_agg(t::text, '') FROM destinations t) AS destinations,
         (SELECT string_agg(settings::text, '') FROM destination_versions) AS versions,
         (SELECT string_agg(detail::text, '') FROM audit_log) AS audit FROM client_integrations`,
    );
    expect(JSON.stringify(rows)).not.toMatch(/EAAGsecret|PRIVATE KEY/);
  });

  test('PATCH merges and PUT replaces', async () => {
    await put(FULL);
    const patched = await admin().call('patchIntegrations', {
      params,
      body: { config: { whatsapp: { phone_number_id: '456' }, google_sheets: { columns: null } } },
    });
    expect(patched).toMatchObject({
      ok: true,
      body: {
        version: 2,
        whatsapp_enabled: true,
        config: {
          whatsapp: { phone_number_id: '456', access_token: { set: true } },
          google_sheets: { columns: null, service_account: { set: true } },
        },
      },
    });
    const replaced = await put({ config: { whatsapp: { access_token: { set: true } } } });
    expect(replaced).toMatchObject({
      whatsapp_enabled: false,
      google_sheet_id: null,
      config: { whatsapp: { phone_number_id: null, access_token: { set: true } } },
    });
  });

  test('that change nothing, an equal secret included, make no new version', async () => {
    expect((await put(FULL)).version).toBe(1);
    expect((await put(FULL)).version).toBe(1);
    const { rows } = await kit.pool.query('SELECT count(*)::int AS n FROM audit_log');
    expect(rows[0].n).toBe(1);
  });

  test.each([
    ['an unknown field', { whatsap_enabled: true }],
    ['a service account that is none', { config: { google_sheets: { service_account: '{}' } } }],
    ['a sheet’s whole address', { google_sheet_id: 'https://docs.google.com/x/edit' }],
  ])('with %s are refused', async (_what, body) => {
    const answer = await fetch(`${daemon.url}/clients/acme/integrations`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...daemon.vouchFor(asAdmin()) },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(422);
  });

  test('say at once what the provider finds wrong', async () => {
    const { warnings } = await put(FULL);
    expect(warnings).toMatchObject([
      { integration: 'whatsapp', remedy: expect.stringMatching(/./) },
    ]);
    const report = await admin().call('testIntegration', {
      params: { ...params, integration: 'google_sheets' },
    });
    expect(report).toMatchObject({ ok: true, body: { ok: true } });
  });

  test('are judged as they are now, and not as they were before', async () => {
    const asked = () => kit.providers.paths.filter((path) => path.includes('subscribed_apps'));
    const config = { meta: { page_access_token: 'EAAGpage' } };
    const { warnings } = await put({ meta_page_id: '55501', config });
    expect(warnings.map(({ message }) => message).join()).not.toContain('is not set');
    expect(asked().filter((path) => !path.includes('/55501/'))).toEqual([]);
    const before = asked().length;
    expect(before).toBeGreaterThan(0);
    await admin().call('patchIntegrations', { params, body: { meta_page_id: '55502' } });
    const since = asked().slice(before);
    expect(since.length).toBeGreaterThan(0);
    expect(since.filter((path) => !path.includes('/55502/'))).toEqual([]);
  });

  test('are saved without asking the provider where that is not wanted', async () => {
    const answer = await admin().call('putIntegrations', {
      params,
      query: { lint: 'false' },
      body: FULL,
    });
    expect(answer).toMatchObject({ status: 200, body: { version: 1, warnings: [] } });
  });

  test('of a client that is not there are not found', async () => {
    const answer = await admin().call('getIntegrations', { params: { client_id: 'nobody' } });
    expect(answer).toMatchObject({ ok: false, problem: { status: 404 } });
  });
});

describe('Meta sources', () => {
  const source = { page_id: '1234567890123456789', form_id: '9' };

  test('belong to one client; a form may be mapped beside its page', async () => {
    const added = await admin().call('addMetaSource', { params, body: source });
    expect(added).toMatchObject({ ok: true, status: 201 });
    expect(await admin().call('addMetaSource', { params, body: source })).toMatchObject({
      ok: true,
      status: 200,
    });
    const other = { client_id: 'other' };
    expect(await admin().call('addMetaSource', { params: other, body: source })).toMatchObject({
      ok: false,
      problem: { status: 409, code: 'conflict' },
    });
    const page = { page_id: source.page_id };
    expect(await admin().call('addMetaSource', { params: other, body: page })).toMatchObject({
      status: 201,
    });
    expect(await admin().call('removeMetaSource', { params: other, body: source })).toMatchObject({
      ok: false,
      problem: { status: 404 },
    });
    expect(await admin().call('removeMetaSource', { params, body: source })).toMatchObject({
      status: 204,
    });
  });

  test('named in the integrations are mapped along with them', async () => {
    await put({ meta_page_id: '77', meta_form_id: '8' });
    await put({ meta_page_id: '77' });
    const listed = await admin().call('listMetaSources', { params });
    expect(listed).toMatchObject({ body: { data: [{ page_id: '77', form_id: null }] } });
  });
});

describe('deliveries', () => {
  const refuseAll = () => kit.providers.onMessage(() => 'refuse');
  const until = (status: string, count: number) =>
    kit.until(async () => (await kit.deliveries('status = $1', [status])).length === count);

  test('held by a dead token flow when it is replaced', async () => {
    await put({ whatsapp_enabled: true, config: { whatsapp: WHATSAPP } });
    refuseAll();
    await kit.worker();
    await kit.leads('acme', 3);
    await until('held', 3);
    expect(await admin().call('getIntegrations', { params })).toMatchObject({
      body: { held: [{ integration: 'whatsapp', account: '123', code: '190' }] },
    });
    kit.providers.onMessage(() => undefined);
    await admin().call('patchIntegrations', {
      params,
      body: { config: { whatsapp: { access_token: 'EAAGnew' } } },
    });
    await until('delivered', 3);
    expect(kit.providers.messages).toHaveLength(3);
  });

  test('that wait follow to a corrected account', async () => {
    await put({ whatsapp_enabled: true, config: { whatsapp: WHATSAPP } });
    refuseAll();
    await kit.worker();
    await kit.leads('acme', 2);
    await until('held', 2);
    kit.providers.onMessage(() => undefined);
    await admin().call('patchIntegrations', {
      params,
      body: { config: { whatsapp: { phone_number_id: '999' } } },
    });
    await until('delivered', 2);
    const { rows } = await kit.pool.query(
      `SELECT DISTINCT request->>'phoneNumberId' AS number FROM delivery_attempts WHERE outcome = 'delivered'`,
    );
    expect(rows).toEqual([{ number: '999' }]);
  });

  test('replay counts by error first, then sends; what was delivered is not sent twice', async () => {
    await put({ whatsapp_enabled: true, config: { whatsapp: WHATSAPP } });
    kit.providers.onMessage(() => ({
      status: 400,
      body: { error: { code: 131026, message: 'no' } },
    }));
    await kit.worker();
    await kit.leads('acme', 3);
    await until('failed', 3);
    const dry = await admin().call('replayDeliveries', { params, body: { dry_run: true } });
    expect(dry).toMatchObject({
      body: {
        count: 3,
        dry_run: true,
        groups: [{ integration: 'whatsapp', code: '131026', count: 3 }],
      },
    });
    expect(await kit.deliveries(`status = 'failed'`)).toHaveLength(3);
    kit.providers.onMessage(() => undefined);
    const done = await admin().call('replayDeliveries', {
      params,
      body: { status: 'failed', config: 'original' },
    });
    expect(done).toMatchObject({ body: { count: 3, dry_run: false } });
    await until('delivered', 3);
    const byHand = `SELECT DISTINCT data ->> 'status' AS s FROM events WHERE actor ->> 'kind' = 'administrator'`;
    expect((await kit.pool.query(byHand)).rows).toEqual([{ s: 'retrying' }]);
    const [first] = await kit.deliveries();
    const one = { ...params, delivery_id: first?.id ?? '' };
    expect(await admin().call('retryDelivery', { params: one })).toMatchObject({
      ok: false,
      problem: { code: 'conflict' },
    });
    expect(await admin().call('getDelivery', { params: one })).toMatchObject({
      body: {
        attempts: 2,
        last_error: null,
        attempt_log: [{ outcome: 'failed', code: '131026' }, { outcome: 'delivered' }],
      },
    });
  });

  test('are seen by those above the lead’s assignee alone', async () => {
    await put({ whatsapp_enabled: true, config: { whatsapp: WHATSAPP } });
    const owner = openAsOwner(kit);
    try {
      const { rows } = await owner.query(
        `SELECT client_id AS "clientId" FROM clients WHERE client_id = 'acme'`,
      );
      const boss = await aMembership(owner, { client: rows[0] });
      const rep = await aMembership(owner, { client: rows[0], reportsTo: boss });
      const peer = await aMembership(owner, { client: rows[0], reportsTo: boss });
      const { ids } = await kit.leads('acme', 1);
      await owner.query('UPDATE leads SET assigned_to_user_client_id = $1 WHERE id = $2', [
        rep.id,
        ids[0],
      ]);
      await kit.worker();
      await until('delivered', 1);
      const [delivery] = await kit.deliveries();
      const one = { ...params, delivery_id: delivery?.id ?? '' };
      const seen = async (member: typeof rep) => {
        const client = daemon.client(asMember(member));
        const listed = await client.call('listDeliveries', { params, query: {} });
        const got = await client.call('getDelivery', { params: one });
        return [listed.ok ? listed.body.data.length : -1, got.ok];
      };
      expect(await seen(rep)).toEqual([1, true]);
      expect(await seen(boss)).toEqual([1, true]);
      expect(await seen(peer)).toEqual([0, false]);
      const replayed = await daemon
        .client(asMember(peer))
        .call('replayDeliveries', { params, body: { status: 'failed', dry_run: true } });
      expect(replayed).toMatchObject({ body: { count: 0 } });
    } finally {
      await owner.end();
    }
  });
});
