import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anonymous } from '../../../lib/identity/identity.ts';
import { aClient, aMembership, type TestClient } from '../../../lib/testing/factories.ts';
import { asAdmin } from '../../../lib/testing/identities.ts';
import { aLead } from '../../../lib/testing/lead-factories.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;
let client: TestClient;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
});
afterAll(() => bench.stop());

const asKey = (key: string, headers: Record<string, string> = {}) => ({
  list: (query: { created_after?: string; cursor?: string; limit?: number }) =>
    bench.daemon.client(anonymous).call('listLeadsByKey', {
      query,
      headers: { 'x-api-key': key, ...headers },
    }),
  get: (id: string) =>
    bench.daemon.client(anonymous).call('getLeadByKey', {
      params: { lead_id: id },
      headers: { 'x-api-key': key, ...headers },
    }),
});
const readerOf = (of: TestClient, settings: object = {}) =>
  bench.keyFor(of, { scopes: ['leads:read'], ...settings });

test('a key with leads:read pages through all leads of its client, newest first, and no others', async () => {
  const assignedTo = await aMembership(bench.db, { client });
  const foreign = await aLead(bench.db);
  const made = [];
  for (let n = 0; n < 5; n += 1) {
    made.push(await aLead(bench.db, n % 2 === 0 ? { client } : { assignedTo }));
  }
  const { list, get } = asKey(await readerOf(client));
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    if (!page.ok) throw new Error(page.problem.detail);
    seen.push(...page.body.data.map(({ id }) => id));
    cursor = page.body.next_cursor;
  }
  expect(seen).toEqual(made.map(({ id }) => id).toReversed());
  expect(await get(made[1]?.id ?? '')).toMatchObject({ ok: true, body: { id: made[1]?.id } });
  expect(await get(foreign.id)).toMatchObject({ problem: { status: 404 } });
});

test('created_after leaves out what is older', async () => {
  const other = await aClient(bench.db);
  await aLead(bench.db, { client: other, createdAt: new Date('2026-01-01T00:00:00Z') });
  const { id } = await aLead(bench.db, { client: other });
  const { list } = asKey(await readerOf(other));
  expect(await list({ created_after: '2026-01-01T00:00:00.000Z' })).toMatchObject({
    body: { data: [{ id }], next_cursor: null },
  });
});

test('an erased lead is shown as erased', async () => {
  const { id } = await aLead(bench.db, { client, email: 'a@x.example' });
  const params = { client_id: client.clientId, lead_id: id };
  await bench.daemon.client(asAdmin()).call('eraseLead', { params });
  expect(await asKey(await readerOf(client)).get(id)).toMatchObject({
    body: { id, name: null, email: null, raw_payload: {}, erased_at: expect.any(String) },
  });
});

describe('a reader is refused', () => {
  const cases: [string, number, string, () => Promise<string>, Record<string, string>][] = [
    ['without the scope', 403, 'scope_missing', () => bench.keyFor(client), {}],
    [
      'from a foreign origin',
      403,
      'origin_not_allowed',
      () => readerOf(client, { allowedOrigins: ['https://acme.example'] }),
      { origin: 'https://evil.example' },
    ],
    [
      'for a suspended client',
      403,
      'client_suspended',
      async () => readerOf(await aClient(bench.db, { status: 'suspended' })),
      {},
    ],
    ['with a key that nobody knows', 401, 'invalid_api_key', async () => 'none', {}],
  ];
  test.each(cases)('%s', async (_what, status, code, make, headers) => {
    const reads = asKey(await make(), headers);
    const { id } = await aLead(bench.db, { client });
    expect(await reads.list({})).toMatchObject({ problem: { status, code } });
    expect(await reads.get(id)).toMatchObject({ problem: { status, code } });
  });

  test('past its rate, which leaves what it may ingest', async () => {
    const scopes = ['leads:read', 'leads:ingest'];
    const key = await bench.keyFor(client, { scopes, rateLimitPerMinute: 2 });
    const { list } = asKey(key);
    await list({});
    await list({});
    expect(await list({})).toMatchObject({ problem: { status: 429 } });
    expect((await bench.postLead(key, { name: 'Ada' })).status).toBe(201);
  });
});

test('a script of an allowed origin may read the answer, after asking first', async () => {
  const origin = 'https://acme.example';
  await readerOf(client, { allowedOrigins: [origin] });
  const { id } = await aLead(bench.db, { client });
  for (const path of ['/leads', `/leads/${id}`]) {
    const preflight = await fetch(bench.daemon.url + path, {
      method: 'OPTIONS',
      headers: { ...bench.daemon.vouchFor(anonymous), origin },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET');
  }
});
