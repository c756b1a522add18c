import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type TestSandbox } from '../../../../sandbox/testing/sandbox.ts';
import { providerSettings } from '../../../../lib/core/config.ts';
import { systemClock } from '../../../../lib/core/clock.ts';
import { createProviderClients, type ProviderClients } from '../../../../lib/providers/clients.ts';
import { checked, owed, type Given } from '../../testing/owed.ts';
import { slackKind } from './index.ts';
import { slackMessage } from './message.ts';
import { slackDeliveries } from './send.ts';
import { webhookUrl } from './settings.ts';

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

const address = () => `${sandbox.url}/services/T0/B0/secretpart`;

test.each([
  ['https://hooks.slack.com/services/T012/B345/abcDEF', true],
  ['http://127.0.0.1:8090/services/T0/B0/x', true],
  ['https://hooks.slack.com/', false],
  ['https://hooks.slack.com/triggers/T0/1/x', false],
  ['https://me:pw@hooks.slack.com/services/T0/B0/x', false],
  ['xoxb-123', false],
])('%s is the address of an incoming webhook: %s', (text, isOne) => {
  expect(webhookUrl.safeParse(text).success).toBe(isOne);
});

describe('the message', () => {
  const messageOf = (given?: Given) => slackMessage(owed({}, given));

  test('has a fact a line, the form’s own fields too', () => {
    expect(messageOf().split('\n')).toEqual([
      '*New lead: Ada Lovelace*',
      'Name: Ada Lovelace',
      'E-mail: ada@example.com',
      'Phone: +442079460000',
      'Product: Engine',
      'Source: website',
      'Status: new',
      'Received: 2026-01-02T03:04:05.678Z',
      'budget: 12345678901234567890',
      'note: call me',
      '`leadctl lead get 019a0000-0000-7000-8000-000000000002`',
    ]);
  });

  test('can be made to mention, link or begin a line by nothing that came from outside', () => {
    const name = '<!channel> & <http://evil.example|here>\nPhone: +1';
    const text = messageOf({ lead: { name }, payload: '{"<@U1>":"a\\r\\nb"}' });
    expect(text).toContain(
      'Name: &lt;!channel&gt; &amp; &lt;http://evil.example|here&gt; Phone: +1',
    );
    expect(text).toContain('\n&lt;@U1&gt;: a b\n');
    expect(text.match(/[<>]/)).toBeNull();
  });

  test('stays short whatever the form sent', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 200 }, (_one, index) => [`f${index}`, 'x'.repeat(10_000)]),
    );
    const text = messageOf({ payload: JSON.stringify(fields) });
    expect(text.length).toBeLessThan(40_000);
    expect(text).toMatch(/… and \d+ more/);
  });

  test.each([
    ['assigned:1', 'Lead assigned'],
    ['updated:1', 'Lead changed'],
    ['backfill:1', 'New lead'],
  ])('of the occasion %s begins with "%s"', (occasion, headline) => {
    expect(messageOf({ occasion })).toMatch(new RegExp(`^\\*${headline}: Ada`));
  });
});

describe('sending', () => {
  const send = (secrets: Readonly<Record<string, readonly string[]>>) => {
    const kind = slackDeliveries({ client: clients.slack, clock: systemClock });
    const { delivery } = owed({});
    const { signal } = new AbortController();
    return kind.send({ text: 'A lead' }, { delivery, settings: {}, secrets, signal });
  };

  test('posts by the newest address', async () => {
    const secrets = { webhook_url: [address(), 'https://hooks.slack.com/services/T/B/old'] };
    expect(await send(secrets)).toMatchObject({ kind: 'ok', value: { reference: null } });
    expect(await sandbox.control('GET', '/slack/messages')).toMatchObject({
      data: [{ hook: 'secretpart', text: 'A lead' }],
    });
  });

  test.each([
    [404, 'no_service', 'hold'],
    [400, 'invalid_payload', 'permanent'],
    [500, 'rollup_error', 'retry'],
  ])('%s %s leads to %s', async (status, code, kind) => {
    await sandbox.control('POST', '/faults', { provider: 'slack', status, code });
    expect(await send({ webhook_url: [address()] })).toMatchObject({ kind, code });
  });

  test('waits with a remedy where the address is none of Slack’s', async () => {
    for (const secrets of [{}, { webhook_url: ['https://example.com/services/T/B/x'] }]) {
      expect(await send(secrets)).toMatchObject({
        kind: 'hold',
        code: 'not_slack',
        remedy: expect.stringContaining('webhook_url'),
      });
    }
  });
});

describe('the check', () => {
  const deps = () => ({ clients, clock: systemClock, appId: undefined });

  test('posts a line, and says that it did', async () => {
    const checks = await slackKind.check(checked({}, { webhook_url: address() }), deps());
    expect(checks).toMatchObject([
      { status: 'ok', message: expect.stringContaining('which is in the channel now') },
    ]);
    expect(await sandbox.control('GET', '/slack/messages')).toMatchObject({
      data: [{ text: expect.stringContaining('leadctl is connected') }],
    });
  });

  test('says what to do, and never the address', async () => {
    await sandbox.control('POST', '/faults', { provider: 'slack', status: 404, code: 'no_team' });
    const checks = await slackKind.check(checked({}, { webhook_url: address() }), deps());
    expect(checks).toMatchObject([
      { status: 'failed', code: 'no_team', remedy: expect.stringContaining('workspace') },
    ]);
    expect(JSON.stringify(checks)).not.toContain('secretpart');
    expect(await slackKind.check(checked({}), deps())).toMatchObject([{ name: 'webhook_url' }]);
  });
});
