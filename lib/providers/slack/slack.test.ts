import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllowList } from '../outgoing/allow-list.ts';
import { createSlackClient, escapeSlack, type SlackClient } from './client.ts';

let server: Server;
let webhookUrl: string;
let client: SlackClient;
let received: unknown[] = [];
let answer: { status: number; body: string; headers?: Record<string, string> };

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push(JSON.parse(body));
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  webhookUrl = `http://127.0.0.1:${port}/services/T0/B0/secretpart`;
  client = createSlackClient({ timeoutMs: 2_000, allow: parseAllowList(['127.0.0.0/8']) });
});

afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a message is sent as text', async () => {
  answer = { status: 200, body: 'ok' };
  received = [];
  expect(await client.post({ webhookUrl, text: 'A lead' })).toMatchObject({ kind: 'ok' });
  expect(received).toEqual([{ text: 'A lead' }]);
});

test.each([
  [400, 'invalid_payload', 'permanent'],
  [403, 'action_prohibited', 'hold'],
  [404, 'channel_not_found', 'hold'],
  [404, 'no_service', 'hold'],
  [410, 'channel_is_archived', 'hold'],
  [500, 'rollup_error', 'retry'],
])('Slack’s %s %s leads to %s', async (status, body, kind) => {
  answer = { status, body };
  expect(await client.post({ webhookUrl, text: 'x' })).toMatchObject({ kind, code: body });
});

test('a limit is waited out for the whole channel, and an unknown answer is for a person', async () => {
  answer = { status: 429, body: '', headers: { 'retry-after': '30' } };
  expect(await client.post({ webhookUrl, text: 'x' })).toMatchObject({
    kind: 'retry',
    scope: 'lane',
    notBeforeMs: 30_000,
  });
  answer = { status: 200, body: '<html>A proxy</html>' };
  expect(await client.post({ webhookUrl, text: 'x' })).toMatchObject({
    kind: 'hold',
    code: 'http_200',
  });
});

test('the webhook’s address, which is a secret, stands in no result', async () => {
  answer = { status: 404, body: `no hook at ${webhookUrl}` };
  expect(JSON.stringify(await client.post({ webhookUrl, text: 'x' }))).not.toContain('secretpart');
});

test('text from outside can neither mention nor link', () => {
  expect(escapeSlack('<!channel> & <http://evil.example|here>')).toBe(
    '&lt;!channel&gt; &amp; &lt;http://evil.example|here&gt;',
  );
});
