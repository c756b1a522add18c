import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type TestSandbox } from '../../../sandbox/testing/sandbox.ts';
import { parseAllowList } from '../outgoing/allow-list.ts';
import { createWebhookClient, type WebhookClient } from './client.ts';
import { isSigningSecret, newSigningSecret } from './signature.ts';

let sandbox: TestSandbox;
let client: WebhookClient;

beforeAll(async () => {
  sandbox = await startSandbox();
  client = createWebhookClient({ timeoutMs: 2_000, allow: parseAllowList(['127.0.0.0/8']) });
});

beforeEach(() => sandbox.control('POST', '/reset'));

afterAll(async () => {
  await client.close();
  await sandbox.stop();
});

const post = (over: Partial<Parameters<WebhookClient['post']>[0]> = {}) =>
  client.post({
    url: `${sandbox.url}/hooks/crm`,
    headers: {},
    id: 'msg-1',
    body: '{"a":"ä"}',
    secrets: [newSigningSecret()],
    ...over,
  });

const answerWith = (fault: object) =>
  sandbox.control('POST', '/faults', { provider: 'webhook', message: 'because', ...fault });

describe('a webhook', () => {
  test.each(['the new secret', 'the old one'])(
    'is signed during an overlap so that a receiver with %s takes it',
    async (which) => {
      const secrets = [newSigningSecret(), newSigningSecret()];
      const secret = secrets[which === 'the old one' ? 1 : 0];
      await sandbox.control('PUT', '/hooks/crm', { secret });
      expect(await post({ secrets })).toMatchObject({ kind: 'ok', value: { status: 200 } });
      expect(await post()).toMatchObject({ kind: 'hold', code: 'http_401' });
      expect(await sandbox.control('GET', '/hooks')).toMatchObject({
        data: [{ id: 'msg-1', verified: true, body: '{"a":"ä"}' }, { verified: false }],
      });
    },
  );

  test('carries the receiver’s headers, but none in place of ours', async () => {
    await post({ headers: { Authorization: 'Bearer abc', 'Webhook-Id': 'forged' } });
    expect(await sandbox.control('GET', '/hooks')).toMatchObject({
      data: [{ headers: { authorization: 'Bearer abc', 'webhook-id': 'msg-1' } }],
    });
  });

  test.each([
    [400, 'permanent'],
    [422, 'permanent'],
    [401, 'hold'],
    [404, 'hold'],
    [410, 'hold'],
    [418, 'hold'],
    [408, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
  ])('that is answered %s leads to %s', async (status, kind) => {
    await answerWith({ status });
    expect(await post()).toMatchObject({
      kind,
      code: `http_${status}`,
      message: expect.stringContaining('because'),
    });
  });

  test.each([429, 503])(
    'that is answered %s waits as long as the receiver says',
    async (status) => {
      await answerWith({ status, headers: { 'retry-after': '7' } });
      expect(await post()).toMatchObject({ kind: 'retry', scope: 'lane', notBeforeMs: 7_000 });
    },
  );

  test('that may have arrived, or that nobody took, is tried again', async () => {
    await answerWith({ reset: true });
    expect(await post()).toMatchObject({ kind: 'retry', code: 'connection_lost' });
    expect(await post({ url: 'http://127.0.0.1:9/' })).toMatchObject({
      kind: 'retry',
      code: 'unreachable',
    });
  });

  test('to an inner address waits for a person', async () => {
    expect(await post({ url: 'http://169.254.169.254/' })).toMatchObject({
      kind: 'hold',
      code: 'address_refused',
      remedy: expect.stringContaining('DESTINATION_ALLOW'),
    });
  });

  test('tells the attempt nothing of its headers', async () => {
    await answerWith({ status: 401, message: 'no such token: top-secret-token' });
    const result = await post({ headers: { 'x-key': 'top-secret-token' } });
    expect(JSON.stringify(result)).not.toContain('top-secret-token');
  });
});

test('a signing secret is whsec_ and 24 to 64 bytes', () => {
  expect(isSigningSecret(newSigningSecret())).toBe(true);
  for (const text of ['', 'whsec_', 'whsec_YWJj', 'whsec_!!', newSigningSecret().slice(6)])
    expect(isSigningSecret(text)).toBe(false);
});
