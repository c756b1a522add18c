import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeGateway, problemAnswer, startFakeGateway } from '../../testing/fake-gateway.ts';
import { runLeadctl } from '../../testing/run.ts';

let dir: string;
let gateway: FakeGateway;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-api-'));
  gateway = await startFakeGateway({
    'GET /api/clients': () => ({ body: { data: [{ client_id: 'acme', n: 1 }] } }),
    'PATCH /api/clients/acme': () => ({ body: { ok: true } }),
    'DELETE /api/clients/acme': () => ({ status: 204 }),
    'GET /api/nothing': () => problemAnswer('forbidden', 'Your role lacks it.'),
  });
});
afterEach(async () => {
  await gateway.stop();
  await rm(dir, { recursive: true, force: true });
});

const run = (args: readonly string[], stdin = '') =>
  runLeadctl([...args, '--url', gateway.url], dir, {
    stdin,
    env: { LEADCTL_TOKEN: 'lsk_ci', LEADCTL_CLIENT: 'acme' },
  });

test('any request goes out with the caller’s token, and its answer can be filtered', async () => {
  const ran = await run(['api', 'get', '/api/clients?limit=1', '--jq', '.data[].client_id']);
  expect(ran).toEqual({ code: 0, out: 'acme\n', err: '' });
  expect(gateway.seen[0]).toMatchObject({
    line: 'GET /api/clients?limit=1',
    headers: { authorization: 'Bearer lsk_ci' },
  });
});

test('a body comes from fields, of text or of JSON, or from a file; the client is filled in', async () => {
  const path_ = '/api/clients/{client_id}';
  await run(['api', 'PATCH', path_, '-f', 'name=Acme', '-f', 'default_country:=null']);
  expect(gateway.seen[0]).toMatchObject({
    line: 'PATCH /api/clients/acme',
    body: { name: 'Acme', default_country: null },
  });
  const file = path.join(dir, 'body.json');
  await writeFile(file, '{"name":"B"}');
  await run(['api', 'PATCH', path_, '--body', file]);
  await run(['api', 'PATCH', path_, '--body', '-'], '{"name":"C"}');
  expect(gateway.seen.slice(1).map(({ body }) => body)).toEqual([{ name: 'B' }, { name: 'C' }]);
  expect((await run(['api', 'PATCH', path_, '--body', file, '-f', 'a=b'])).code).toBe(2);
  expect((await run(['api', 'PATCH', path_, '--body', '-'], 'no json')).code).toBe(1);
});

test('nothing is printed for no content; a refusal is an error with its exit code', async () => {
  expect(await run(['api', 'DELETE', '/api/clients/acme'])).toEqual({ code: 0, out: '', err: '' });
  const refused = await run(['api', 'GET', '/api/nothing']);
  expect([refused.code, refused.out]).toEqual([4, '']);
  expect(refused.err).toContain('Your role lacks it.');
  expect((await run(['api', 'FETCH', '/x'])).code).toBe(2);
});

test('the token that commands send can be printed', async () => {
  expect(await run(['token', 'print'])).toEqual({ code: 0, out: 'lsk_ci\n', err: '' });
});
