import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseAllowList } from '../outgoing/allow-list.ts';
import { createWebhookClient, type WebhookClient } from './client.ts';
import { isSigningSecret, newSigningSecret } from './signature.ts';

let server: Server;
let url: string;
let client: WebhookClient;
let received: { headers: IncomingMessage['headers']; body: string }[] = [];
let answer: { status: number; headers?: Record<string, string>; body?: string } = { status: 204 };

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`;
  client = createWebhookClient({ timeoutMs: 2_000, allow: parseAllowList(['127.0.0.0/8']) });
});

beforeEach(() => {
  received = [];
  answer = { status: 204 };
});

afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = (over: Partial<Parameters<WebhookClient['post']>[0]> = {}) =>
  client.post({
    url,
    headers: {},
    id: 'msg-1',
    body: '{"a":"ä"}',
    secrets: [newSigningSecret()],
    ...over,
  });

describe('a webhook', () => {
  test('is signed so that the specification’s own library takes it, under each secret of an overlap', async () => {
    const [fresh, old] = [newSigningSecret(), newSigningSecret()];
    expect(await post({ secrets: [fresh, old] })).toMatchObject({
      kind: 'ok',
      value: { status: 204 },
    });
    const [message] = received;
    const headers = Object.fromEntries(
      Object.entries(message?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    for (const secret of [fresh, old])
      expect(new Webhook(secret).verify(message?.body ?? '', headers)).toEqual({ a: 'ä' });
    expect(() => new Webhook(newSigningSecret()).verify(message?.body ?? '', headers)).toThrow();
    expect(headers['webhook-id']).toBe('msg-1');
  });

  test('carries the receiver’s headers, but none in place of ours', async () => {
    await post({ headers: { Authorization: 'Bearer abc', 'Webhook-Id': 'forged' } });
    expect(received[0]?.headers).toMatchObject({
      authorization: 'Bearer abc',
      'webhook-id': 'msg-1',
    });
  });

  test.each([
    [400, 'permanent'],
    [422, 'permanent'],
    [401, 'hold'],
    [404, 'hold'],
    [302, 'hold'],
    [410, 'hold'],
    [418, 'hold'],
    [408, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
  ])('that is answered %s leads to %s', async (status, kind) => {
    answer = { status, body: 'because' };
    expect(await post()).toMatchObject({
      kind,
      code: `http_${status}`,
      message: `${status}: because`,
    });
  });

  test.each([429, 503])(
    'that is answered %s waits as long as the receiver says',
    async (status) => {
      answer = { status, headers: { 'retry-after': '7' } };
      expect(await post()).toMatchObject({ kind: 'retry', scope: 'lane', notBeforeMs: 7_000 });
    },
  );

  test('that nobody takes is tried again, and an inner address waits for a person', async () => {
    expect(await post({ url: 'http://127.0.0.1:9/' })).toMatchObject({
      kind: 'retry',
      code: 'unreachable',
    });
    expect(await post({ url: 'http://169.254.169.254/' })).toMatchObject({
      kind: 'hold',
      code: 'address_refused',
      remedy: expect.stringContaining('DESTINATION_ALLOW'),
    });
  });

  test('tells the attempt nothing of its headers', async () => {
    answer = { status: 401, body: 'no such token: top-secret-token' };
    const result = await post({ headers: { 'x-key': 'top-secret-token' } });
    expect(JSON.stringify(result)).not.toContain('top-secret-token');
  });
});

test('a signing secret is whsec_ and 24 to 64 bytes', () => {
  expect(isSigningSecret(newSigningSecret())).toBe(true);
  for (const text of ['', 'whsec_', 'whsec_YWJj', 'whsec_!!', newSigningSecret().slice(6)])
    expect(isSigningSecret(text)).toBe(false);
});
