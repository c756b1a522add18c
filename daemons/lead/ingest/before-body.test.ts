import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anonymous } from '../../../lib/identity/identity.ts';
import { aClient, type TestClient } from '../../../lib/testing/factories.ts';
import { openLeadBench, readJson, type LeadBench } from '../testing/bench.ts';
import { postHeadOnly } from '../testing/half-request.ts';

let bench: LeadBench;
let client: TestClient;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
});
afterAll(() => bench.stop());

const url = (path: string) => `${bench.daemon.url}/leads/${path}`;
const headers = () => ({
  ...bench.daemon.vouchFor(anonymous),
  'content-type': 'application/json',
});

const DOORS = ['ingest', 'ingest/batch'];
const KEYS: Readonly<Record<string, [status: number, code: string, () => Promise<object>]>> = {
  'an unknown key': [401, 'invalid_api_key', async () => ({ 'x-api-key': 'no_live_x' })],
  'an empty key': [401, 'invalid_api_key', async () => ({ 'x-api-key': '' })],
  'a key of another scope': [
    403,
    'scope_missing',
    async () => ({ 'x-api-key': await bench.keyFor(client, { scopes: ['leads:read'] }) }),
  ],
  'a foreign origin': [
    403,
    'origin_not_allowed',
    async () => ({
      'x-api-key': await bench.keyFor(client, { allowedOrigins: ['https://acme.example'] }),
      origin: 'https://evil.example',
    }),
  ],
  'a key past its rate': [
    429,
    'rate_limited',
    async () => {
      const key = await bench.keyFor(client, { rateLimitPerMinute: 1 });
      await bench.postLead(key, { name: 'Ada' });
      return { 'x-api-key': key };
    },
  ],
  'a suspended client': [
    403,
    'client_suspended',
    async () => {
      const suspended = await aClient(bench.db, { status: 'suspended' });
      return { 'x-api-key': await bench.keyFor(suspended) };
    },
  ],
};

/** What ingestion refused while `act` went on, by reason. */
async function refusedDuring(act: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await bench.refusals();
  await act();
  const after = Object.entries(await bench.refusals());
  const added = after.map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const);
  return Object.fromEntries(added.filter(([, count]) => count > 0));
}

describe.each(DOORS)('before one byte of a body for %s was read', (door) => {
  test.each(Object.entries(KEYS))(
    '%s is refused, and counted',
    async (_what, [status, code, make]) => {
      const given = await make();
      const refused = await refusedDuring(async () => {
        const answer = await postHeadOnly(url(door), { ...headers(), ...given }, 100_000);
        expect(answer).toMatchObject({ status, body: { code } });
      });
      expect(refused).toEqual({ [code]: 1 });
    },
  );
});

test('a batch is taken from nobody without a key in the header', async () => {
  const answer = await postHeadOnly(url('ingest/batch'), headers(), 7_800_000);
  expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_api_key' } });
});

test('whoever is still sending eight megabytes gets the answer, on a connection that goes on', async () => {
  const body = '['.repeat(7_800_000);
  for (let round = 0; round < 3; round += 1) {
    const response = await fetch(url('ingest/batch'), { method: 'POST', headers: headers(), body });
    expect(response.status).toBe(401);
    expect(await readJson(response)).toMatchObject({ code: 'invalid_api_key' });
  }
});

test('a body without a key in the header may have 256 KiB', async () => {
  const key = await bench.keyFor(client);
  const post = (size: number) =>
    bench.post(`{"name":"A","_api_key":"${key}","x":"${'x'.repeat(size)}"}`, {
      'content-type': 'application/json',
    });
  expect((await post(250 * 1024)).status).toBe(201);
  expect((await post(257 * 1024)).status).toBe(413);
});

describe('what is refused after the body was read is counted as well', () => {
  test.each([
    ['validation_failed', '{"note":"nobody"}'],
    ['malformed_request', '{"name":'],
    ['body_too_large', JSON.stringify({ name: 'x'.repeat(300_000) })],
    ['idempotency_key_reused', '{"name":"Two"}'],
  ])('%s', async (reason, body) => {
    const key = await bench.keyFor(client);
    const send = (text: string) =>
      bench.post(text, {
        'content-type': 'application/json',
        'x-api-key': key,
        'idempotency-key': `once-${reason}`,
      });
    await send('{"name":"One"}');
    expect(await refusedDuring(() => send(body))).toEqual({ [reason]: 1 });
  });

  test('once for a key in the body', async () => {
    const key = await bench.keyFor(client, { rateLimitPerMinute: 1 });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await bench.post(`name=A&_api_key=${key}`, form);
    const send = (body: string) => () => bench.post(body, form);
    expect(await refusedDuring(send(`name=A&_api_key=${key}`))).toEqual({ rate_limited: 1 });
    expect(await refusedDuring(send('name=A&_api_key=none'))).toEqual({ invalid_api_key: 1 });
    expect(await refusedDuring(send('name=A'))).toEqual({ invalid_api_key: 1 });
  });

  test('for each lead of a batch', async () => {
    const key = await bench.keyFor(client);
    const send = () => bench.postBatch(key, [{ name: 'A' }, 7, { note: 'nobody' }]);
    expect(await refusedDuring(send)).toEqual({ validation_failed: 2 });
  });

  test('by its client, also where the key came in the body', async () => {
    const own = await aClient(bench.db);
    const key = await bench.keyFor(own);
    const body = `note=nobody&_api_key=${key}`;
    await bench.post(body, { 'content-type': 'application/x-www-form-urlencoded' });
    const counted = async () => {
      const { rows } = await bench.db.query('SELECT reason FROM refusals WHERE client_id = $1', [
        own.clientId,
      ]);
      return rows;
    };
    await expect
      .poll(counted, { timeout: 10_000, interval: 100 })
      .toEqual([{ reason: 'validation_failed' }]);
  });
});
