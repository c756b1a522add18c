import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startSandbox, type TestSandbox } from '../../../sandbox/testing/sandbox.ts';
import { parseAllowList } from '../outgoing/allow-list.ts';
import { createSlackClient, escapeSlack, type SlackClient } from './client.ts';

let sandbox: TestSandbox;
let client: SlackClient;

beforeAll(async () => {
  sandbox = await startSandbox();
  client = createSlackClient({ timeoutMs: 2_000, allow: parseAllowList(['127.0.0.0/8']) });
});

beforeEach(() => sandbox.control('POST', '/reset'));

afterAll(async () => {
  await client.close();
  await sandbox.stop();
});

const post = () =>
  client.post({ webhookUrl: `${sandbox.url}/services/T0/B0/secretpart`, text: 'A lead' });

const answerWith = (fault: object) =>
  sandbox.control('POST', '/faults', { provider: 'slack', ...fault });

test('a message is sent as text', async () => {
  expect(await post()).toMatchObject({ kind: 'ok' });
  expect(await sandbox.control('GET', '/slack/messages')).toMatchObject({
    data: [{ text: 'A lead' }],
  });
});

test.each([
  [400, 'invalid_payload', 'permanent'],
  [403, 'action_prohibited', 'hold'],
  [404, 'channel_not_found', 'hold'],
  [404, 'no_service', 'hold'],
  [410, 'channel_is_archived', 'hold'],
  [500, 'rollup_error', 'retry'],
])('Slack’s %s %s leads to %s', async (status, code, kind) => {
  await answerWith({ status, code });
  expect(await post()).toMatchObject({ kind, code });
});

test('a limit is waited out for the whole channel, and an unknown answer is for a person', async () => {
  await answerWith({ status: 429, headers: { 'retry-after': '30' }, times: 1 });
  expect(await post()).toMatchObject({ kind: 'retry', scope: 'lane', notBeforeMs: 30_000 });
  await answerWith({ status: 403, code: '<html>A proxy</html>', times: 1 });
  expect(await post()).toMatchObject({ kind: 'hold', code: 'http_403' });
});

test('the webhook’s address, which is a secret, stands in no result', async () => {
  await answerWith({ status: 404, message: `no hook at ${sandbox.url}/services/T0/B0/secretpart` });
  expect(JSON.stringify(await post())).not.toContain('secretpart');
});

test('text from outside can neither mention nor link', () => {
  expect(escapeSlack('<!channel> & <http://evil.example|here>')).toBe(
    '&lt;!channel&gt; &amp; &lt;http://evil.example|here&gt;',
  );
});

test.each([
  'https://hooks.slack.example/services/T0/B0/x',
  'http://hooks.slack.com/services/T0/B0/x',
  'https://hooks.slack.com.evil.example/services/T0/B0/x',
])('%s is no address of Slack, and nothing is sent there', async (webhookUrl) => {
  expect(await client.post({ webhookUrl, text: 'A lead' })).toMatchObject({
    kind: 'hold',
    code: 'not_slack',
    call: { httpStatus: null },
  });
});
