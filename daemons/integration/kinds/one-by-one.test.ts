import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { startSandbox, type TestSandbox } from '../../../sandbox/testing/sandbox.ts';
import { providerSettings } from '../../../lib/core/config.ts';
import { newId } from '../../../lib/core/ids.ts';
import { createProviderClients } from '../../../lib/providers/clients.ts';
import { newSigningSecret } from '../../../lib/providers/webhook/signature.ts';
import { createBench, type Bench } from '../testing/bench.ts';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';

let sandbox: TestSandbox;
let kit: DeliveryKit;
let bench: Bench;

const settingsOf = (more: Record<string, string> = {}) => ({
  ...providerSettings.parse({ DESTINATION_ALLOW: '127.0.0.0/8', PROVIDER_TIMEOUT_MS: '2000' }),
  META_APP_SECRET: 'a meta app secret',
  ...more,
});
const MAIL_FROM = 'leads@acme.example';

beforeAll(async () => {
  [sandbox, kit] = await Promise.all([startSandbox(), startDeliveryKit()]);
  const mail = { SMTP_URL: sandbox.smtpUrl, MAIL_FROM };
  bench = createBench(kit, createProviderClients(settingsOf(mail)));
});

beforeEach(() => sandbox.control('POST', '/reset'));

afterAll(async () => {
  await bench.stop();
  await kit.drop();
  await sandbox.stop();
});

type Given = Parameters<DeliveryKit['destination']>[2];

/** A client with one destination, and its lane once a lead is owed to it. */
async function clientWith(clientId: string, kind: string, given: Given) {
  await kit.pool.query('INSERT INTO clients (client_id, name) VALUES ($1, $1)', [clientId]);
  const id = await kit.destination(clientId, kind, given);
  const deliveries = () => kit.deliveries('client_id = $1', [clientId]);
  return {
    deliveries,
    /** Sends what waits. */
    async work(by = bench) {
      const [one] = await deliveries();
      if (one !== undefined) await by.work(one.lane_key, { kind: 'lives' });
    },
    async destination() {
      const { rows } = await kit.pool.query<Record<string, unknown>>(
        'SELECT enabled, disabled_code FROM destinations WHERE id = $1',
        [id],
      );
      return rows[0];
    },
  };
}

const mails = async () =>
  z
    .object({ data: z.array(z.object({ to: z.array(z.string()) })) })
    .parse(await sandbox.control('GET', '/mail'))
    .data.map(({ to }) => to);

test('a lead is posted to a webhook, signed, with its client and under the delivery’s id', async () => {
  const secret = newSigningSecret();
  await sandbox.control('PUT', '/hooks/walk', { secret });
  const client = await clientWith('hooked', 'webhook', {
    settings: { url: `${sandbox.url}/hooks/walk` },
    secrets: { signing_secret: secret },
  });
  const [leadId] = await bench.leads('hooked', 1, 1);
  await client.work();
  const [delivery] = await client.deliveries();
  expect(delivery).toMatchObject({ status: 'delivered', attempts: 1 });
  expect(await sandbox.control('GET', '/hooks')).toMatchObject({
    data: [
      {
        id: delivery?.id,
        verified: true,
        body: expect.stringContaining(`"lead":{"id":"${leadId}","client_id":"hooked"`),
      },
    ],
  });
});

test('a receiver that is gone for good switches its destination off, and nothing is lost', async () => {
  const client = await clientWith('gone', 'webhook', {
    settings: { url: `${sandbox.url}/hooks/gone` },
    secrets: { signing_secret: newSigningSecret() },
  });
  await sandbox.control('POST', '/faults', { provider: 'webhook', status: 410 });
  await bench.leads('gone', 2, 1);
  await client.work();
  expect(await client.destination()).toEqual({ enabled: false, disabled_code: 'http_410' });
  for (const one of await client.deliveries()) expect(one).toMatchObject({ status: 'held' });
});

test('a lead is posted to Slack', async () => {
  const client = await clientWith('slacked', 'slack', {
    settings: {},
    secrets: { webhook_url: `${sandbox.url}/services/T0/B0/walk` },
  });
  await bench.leads('slacked', 1, 1, { name: 'Grace' });
  await client.work();
  expect(await client.deliveries()).toMatchObject([{ status: 'delivered' }]);
  expect(await sandbox.control('GET', '/slack/messages')).toMatchObject({
    data: [{ hook: 'walk', text: expect.stringContaining('New lead: Grace') }],
  });
});

/** A member, and whom they report to. */
async function addMember(clientId: string, email: string, reportsTo: string | null = null) {
  const ids = { user: newId(), member: newId(), role: newId() };
  await kit.pool.query('INSERT INTO users (id, email) VALUES ($1, $2)', [ids.user, email]);
  await kit.pool.query(`INSERT INTO roles (id, name, level) VALUES ($1, $2, '1')`, [
    ids.role,
    email,
  ]);
  await kit.pool.query(
    `INSERT INTO user_clients (id, client_id, user_id, role_id, reports_to_user_client_id)
     VALUES ($1, $2, $3, $4, $5)`,
    [ids.member, clientId, ids.user, ids.role, reportsTo],
  );
  return ids.member;
}

test('a mail goes to who has the lead and to whom they report, as they are when it is sent', async () => {
  const client = await clientWith('mailed', 'email', {
    settings: { to: ['assignee', 'manager'] },
  });
  const manager = await addMember('mailed', 'eve@acme.example');
  const member = await addMember('mailed', 'bob@acme.example', manager);
  const [leadId] = await bench.leads('mailed', 1, 1);
  await kit.pool.query('UPDATE leads SET assigned_to_user_client_id = $1 WHERE id = $2', [
    member,
    leadId,
  ]);
  await client.work();
  const [delivery] = await client.deliveries();
  expect(delivery).toMatchObject({
    status: 'delivered',
    provider_reference: `<${delivery?.id}@acme.example>`,
  });
  expect(await mails()).toEqual([['bob@acme.example', 'eve@acme.example']]);
});

test('a mail to nobody is skipped, and says what to do', async () => {
  const client = await clientWith('nobody', 'email', { settings: { to: ['assignee'] } });
  await bench.leads('nobody', 1, 1);
  await client.work();
  expect(await client.deliveries()).toMatchObject([
    {
      status: 'skipped',
      last_error_code: 'no_recipient',
      last_error_message: expect.stringContaining('Assign it'),
    },
  ]);
  expect(await mails()).toEqual([]);
});

test('an address that is suppressed gets nothing; the others do, and of none left nothing is sent', async () => {
  const client = await clientWith('silent', 'email', {
    settings: { to: ['Sales@acme.example', 'boss@acme.example'] },
  });
  const suppress = (address: string) =>
    kit.pool.query(
      `INSERT INTO suppressions (id, client_id, channel, address, made_by, said_at)
       VALUES ($1, 'silent', 'email', $2, 'operator', now())`,
      [newId(), address],
    );
  await suppress('sales@acme.example');
  await bench.leads('silent', 1, 1);
  await client.work();
  expect(await mails()).toEqual([['boss@acme.example']]);
  await suppress('boss@acme.example');
  await bench.leads('silent', 1, 1);
  await client.work();
  expect(await client.deliveries()).toMatchObject([
    { status: 'delivered' },
    { status: 'skipped', last_error_code: 'suppressed' },
  ]);
  expect(await mails()).toHaveLength(1);
});

test('without a mail server mails wait, with what to set; with one they are sent', async () => {
  const without = createBench(kit, createProviderClients(settingsOf()));
  const client = await clientWith('waiting', 'email', {
    settings: { to: ['sales@acme.example'] },
  });
  await bench.leads('waiting', 1, 1);
  await client.work(without);
  await without.stop();
  expect(await client.deliveries()).toMatchObject([
    { status: 'held', last_error_message: expect.stringContaining('SMTP_URL') },
  ]);
  // The lane is looked at again by itself, with whatever server is set then.
  await bench.timePasses('waiting');
  await client.work();
  expect(await client.deliveries()).toMatchObject([{ status: 'delivered' }]);
  expect(await mails()).toEqual([['sales@acme.example']]);
});
