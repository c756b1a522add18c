import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../testing/free-port.ts';
import { newSigningSecret, signedHeaders } from './signature.ts';

/** The receiver that docs/webhooks.md shows, run as it stands there. */
const page = readFileSync(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8');
const code = /```js\n(.*?)```/s.exec(page)?.[1] ?? '';

const secret = newSigningSecret();
let url = '';
let receiver: ChildProcess;
let printed = '';

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  receiver = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    env: { SIGNING_SECRET: secret, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  receiver.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
  });
  await vi.waitFor(() => fetch(url), { timeout: 15_000 });
});
afterAll(async () => {
  const ended = once(receiver, 'exit');
  receiver.kill();
  await ended;
});

const body = JSON.stringify({
  type: 'lead.created',
  timestamp: new Date().toISOString(),
  data: { lead: { id: '1', name: 'Ada', fields: {} } },
});
const post = async (over: { id?: string; body?: string; at?: Date; secrets?: string[] } = {}) => {
  const message = { id: 'm1', body, at: new Date(), secrets: [secret], ...over };
  const headers = { 'content-type': 'application/json', ...signedHeaders(message) };
  return (await fetch(url, { method: 'POST', headers, body: over.body ?? body })).status;
};

test('takes what we sign, and prints a lead once however often it comes', async () => {
  expect([await post(), await post()]).toEqual([204, 204]);
  expect(await post({ id: 'm2', body: body.replace('lead.created', 'leadctl.ping') })).toBe(204);
  await expect.poll(() => printed).toBe('a new lead: Ada\n');
});

test('takes it under either secret while there are two', async () => {
  expect(await post({ id: 'm3', secrets: [newSigningSecret(), secret] })).toBe(204);
});

test('refuses another signature, an old one, and none', async () => {
  expect(await post({ secrets: [newSigningSecret()] })).toBe(401);
  expect(await post({ at: new Date(Date.now() - 600_000) })).toBe(401);
  expect((await fetch(url, { method: 'POST', body })).status).toBe(401);
});
