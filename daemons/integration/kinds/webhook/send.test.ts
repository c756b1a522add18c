import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type TestSandbox } from '../../../../sandbox/testing/sandbox.ts';
import { providerSettings } from '../../../../lib/core/config.ts';
import { systemClock } from '../../../../lib/core/clock.ts';
import { createProviderClients, type ProviderClients } from '../../../../lib/providers/clients.ts';
import { newSigningSecret } from '../../../../lib/providers/webhook/signature.ts';
import { checked, owed, type Given } from '../../testing/owed.ts';
import { webhookBody } from './body.ts';
import { webhookKind } from './index.ts';
import { webhookDeliveries } from './send.ts';

let sandbox: TestSandbox;
let clients: ProviderClients;

beforeAll(async () => {
  sandbox = await startSandbox();
  clients = createProviderClients({
    ...providerSettings.parse({ DESTINATION_ALLOW: new URL(sandbox.url).host }),
    META_APP_SECRET: 'a meta app secret',
  });
});

beforeEach(() => sandbox.control('POST', '/reset'));

afterAll(async () => {
  await clients.stop();
  await sandbox.stop();
});

const NOW = new Date('2026-02-02T00:00:00.000Z');
const settingsOf = (name = 'crm') => ({
  url: `${sandbox.url}/hooks/${name}`,
  headers: { Authorization: 'Bearer abc' },
});

describe('the body', () => {
  const bodyOf = (given?: Given): unknown => JSON.parse(webhookBody(owed({}, given), NOW));

  test('has the lead with its client, and the fields of the form', () => {
    expect(bodyOf()).toEqual({
      type: 'lead.created',
      timestamp: '2026-01-02T03:04:05.678Z',
      data: {
        lead: {
          id: '019a0000-0000-7000-8000-000000000002',
          client_id: 'acme',
          name: 'Ada Lovelace',
          email: 'ada@example.com',
          phone: '+442079460000',
          phone_valid: true,
          source: 'website',
          status: 'new',
          product: 'Engine',
          lead_reference_id: null,
          created_at: '2026-01-02T03:04:05.678Z',
          fields: { full_name: 'Ada Lovelace', budget: expect.any(Number), note: 'call me' },
        },
      },
    });
  });

  test('keeps numbers to the letter, and what lies too deep as text', () => {
    expect(webhookBody(owed({}), NOW)).toContain('"budget":12345678901234567890');
    const deep = `${'['.repeat(500)}${']'.repeat(500)}`;
    expect(bodyOf({ payload: `{"a":${deep}}` })).toMatchObject({
      data: { lead: { fields: { _unparsed: expect.stringContaining('[[[') } } },
    });
  });

  test.each([
    ['created', 'lead.created', '2026-01-02T03:04:05.678Z'],
    ['backfill:7', 'lead.created', '2026-01-02T03:04:05.678Z'],
    ['updated:7', 'lead.updated', NOW.toISOString()],
    ['assigned:7', 'lead.assigned', NOW.toISOString()],
  ])('of the occasion %s has the type %s', (occasion, type, timestamp) => {
    expect(bodyOf({ occasion })).toMatchObject({ type, timestamp });
  });

  test('says who has the lead where that is what it is about', () => {
    const people = { assignee: { email: 'bob@acme.example', phone: null } };
    const assigned = bodyOf({ occasion: 'assigned:7', people });
    expect(assigned).toMatchObject({ data: { assignee: { email: 'bob@acme.example' } } });
    expect(bodyOf({ occasion: 'assigned:7' })).toMatchObject({ data: { assignee: null } });
    expect(bodyOf({ people })).not.toHaveProperty('data.assignee');
  });
});

describe('sending', () => {
  const send = (secrets: readonly string[] = [newSigningSecret()]) => {
    const settings = settingsOf();
    const kind = webhookDeliveries({ client: clients.webhook, clock: systemClock });
    const { delivery } = owed(settings);
    const rendered = kind.render(owed(settings));
    if ('skip' in rendered) throw new Error(rendered.skip.message);
    const { signal } = new AbortController();
    return kind.send(rendered, {
      delivery,
      settings,
      secrets: { signing_secret: secrets },
      signal,
    });
  };

  test('signs with both secrets, carries the headers, and is known by the delivery’s id', async () => {
    const secrets = [newSigningSecret(), newSigningSecret()];
    for (const secret of secrets) {
      await sandbox.control('PUT', '/hooks/crm', { secret });
      expect(await send(secrets)).toMatchObject({ kind: 'ok', value: { reference: null } });
    }
    const hook = { id: owed({}).delivery.id, verified: true };
    expect(await sandbox.control('GET', '/hooks')).toMatchObject({
      data: [hook, { ...hook, headers: { authorization: 'Bearer abc' } }],
    });
  });

  test.each([
    [400, 'permanent'],
    [404, 'hold'],
    [500, 'retry'],
    [503, 'retry'],
  ])('%s leads to %s', async (status, kind) => {
    await sandbox.control('POST', '/faults', { provider: 'webhook', status });
    expect(await send()).toMatchObject({ kind, code: `http_${status}` });
  });
});

describe('the check', () => {
  const check = (
    secrets = { signing_secret: newSigningSecret() },
    settings: unknown = settingsOf(),
  ) =>
    webhookKind.check(checked(settings, secrets), {
      clients,
      clock: systemClock,
      appId: undefined,
    });

  test('posts a signed test message, and says so', async () => {
    const secret = newSigningSecret();
    await sandbox.control('PUT', '/hooks/crm', { secret });
    expect(await check({ signing_secret: secret })).toMatchObject([
      { status: 'ok', message: expect.stringMatching(/answered 200 .*leadctl\.ping/) },
    ]);
    expect(await sandbox.control('GET', '/hooks')).toMatchObject({
      data: [
        {
          id: expect.stringMatching(/^test_/),
          verified: true,
          body: expect.stringContaining('"leadctl.ping"'),
        },
      ],
    });
  });

  test.each([
    [401, /set the header/],
    [400, /types that it does not know/],
    [500, /try again/],
  ])('that is answered %s says what to do', async (status, remedy) => {
    await sandbox.control('POST', '/faults', { provider: 'webhook', status });
    expect(await check()).toMatchObject([
      { status: 'failed', code: `http_${status}`, remedy: expect.stringMatching(remedy) },
    ]);
  });

  test('of an inner address names the setting that allows it', async () => {
    const settings = { url: 'http://169.254.169.254/' };
    expect(await check(undefined, settings)).toMatchObject([
      { code: 'address_refused', remedy: expect.stringContaining('DESTINATION_ALLOW') },
    ]);
  });

  test('of what is not complete posts nothing', async () => {
    const subject = checked({});
    const deps = { clients, clock: systemClock, appId: undefined };
    const checks = await webhookKind.check(subject, deps);
    expect(checks.map(({ name }) => name)).toEqual(['webhook.url', 'signing_secret']);
  });
});
