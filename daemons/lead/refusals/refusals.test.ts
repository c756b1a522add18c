import { afterAll, beforeAll, expect, test } from 'vitest';
import { aClient, aMembership, type TestClient } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import type { RefusalFilters } from './shapes.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;
let client: TestClient;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
});
afterAll(() => bench.stop());

const SOON = { timeout: 10_000, interval: 100 };
const LEAD = JSON.stringify({ name: 'Mia' });

const send = async (key: string, body: string, headers: Record<string, string> = {}) => {
  const answer = await bench.post(body, {
    'content-type': 'application/json',
    'x-api-key': key,
    ...headers,
  });
  await answer.arrayBuffer();
  return answer.status;
};

async function listed(query: Partial<RefusalFilters> = {}, of = client) {
  const page = await bench.daemon
    .client(asAdmin())
    .call('listRefusals', { params: { client_id: of.clientId }, query });
  if (!page.ok) throw new Error(page.problem.detail);
  return page.body;
}

test('what is not taken is counted by key, origin, address and reason, most frequent first', async () => {
  const from = (ip: string) => ({ 'x-forwarded-for': ip });
  const site = await bench.keyFor(client, { allowedOrigins: ['https://good.example'] });
  const reader = await bench.keyFor(client, { scopes: ['leads:read'] });
  for (let nth = 0; nth < 3; nth += 1) {
    const headers = { origin: 'https://evil.example', ...from('192.0.2.7') };
    expect(await send(site, LEAD, headers)).toBe(403);
  }
  for (let nth = 0; nth < 2; nth += 1) {
    expect(await send(site, '{"email":""}', from('2001:db8:1:2:3:4:5:6'))).toBe(422);
  }
  expect(await send(reader, LEAD, from('192.0.2.8'))).toBe(403);
  await expect
    .poll(async () => (await listed()).data.map(({ count }) => count), SOON)
    .toEqual([3, 2, 1]);
  const { data } = await listed();
  expect(data).toMatchObject([
    { origin: 'https://evil.example', ip: '192.0.2.7', reason: 'origin_not_allowed' },
    { origin: null, ip: '2001:db8:1:2::/64', reason: 'validation_failed' },
    { origin: null, ip: '192.0.2.8', reason: 'scope_missing' },
  ]);
  expect(data[0]?.api_key).toMatchObject({ key_prefix: site.slice(0, 10) });
  const first = await listed({ limit: 2 });
  const rest = await listed({ limit: 2, cursor: first.next_cursor ?? undefined });
  expect([...first.data, ...rest.data]).toEqual(data);
  expect(rest.next_cursor).toBeNull();
  const later = new Date(Date.now() + 120_000).toISOString();
  expect((await listed({ since: later })).data).toEqual([]);
});

test('a key that nobody knows is in the audit log alone, never with its value', async () => {
  expect(await send('t_live_madeUpByAStranger', LEAD, { 'x-forwarded-for': '192.0.2.9' })).toBe(
    401,
  );
  const seen = async () => {
    const { rows } = await bench.db.query(
      "SELECT client_id, target_id, detail FROM audit_log WHERE action = 'api_key.unknown' AND ip = '192.0.2.9'",
    );
    return rows;
  };
  await expect
    .poll(seen, SOON)
    .toEqual([
      { client_id: null, target_id: 'unknown', detail: { reason: 'invalid_api_key', count: 1 } },
    ]);
});

test('a client’s own log shows what was refused at its keys', async () => {
  const own = await aClient(bench.db);
  const key = await bench.keyFor(own, { scopes: ['leads:read'] });
  await send(key, LEAD, { 'x-forwarded-for': '192.0.2.10' });
  const seen = async () => {
    const { rows } = await bench.db.query(
      'SELECT action, actor_kind, target_kind, ip FROM audit_log WHERE client_id = $1',
      [own.clientId],
    );
    return rows;
  };
  await expect
    .poll(seen, SOON)
    .toEqual([
      { action: 'lead.refused', actor_kind: 'anonymous', target_kind: 'api_key', ip: '192.0.2.10' },
    ]);
});

test('a flood from ever other addresses and origins fills a bounded number of rows, and all of it is counted', async () => {
  const flooded = await aClient(bench.db);
  const key = await bench.keyFor(flooded, { allowedOrigins: ['https://good.example'] });
  const FLOOD = 400;
  for (let batch = 0; batch < FLOOD / 20; batch += 1) {
    await Promise.all(
      Array.from({ length: 20 }, (_none, nth) =>
        send(key, LEAD, {
          origin: `https://evil-${batch}-${nth}.example`,
          'x-forwarded-for': `10.0.${batch}.${nth}`,
        }),
      ),
    );
  }
  const total = async () => {
    const { rows } = await bench.db.query(
      `SELECT sum(count)::int AS count, count(DISTINCT (minute))::int AS minutes, count(*)::int AS rows
       FROM refusals WHERE client_id = $1`,
      [flooded.clientId],
    );
    return rows[0];
  };
  await expect.poll(async () => (await total()).count, SOON).toBe(FLOOD);
  const { minutes, rows } = await total();
  expect(rows).toBeLessThanOrEqual(101 * minutes);
  expect(await listed({ limit: 1 }, flooded)).toMatchObject({ data: [{ origin: null, ip: null }] });
});

test('nobody sees another client’s, and a client that is not there has none', async () => {
  const member = await aMembership(bench.db);
  const of = (clientId: TestClient['clientId'], identity = asAdmin()) =>
    bench.daemon.client(identity).call('listRefusals', { params: { client_id: clientId } });
  expect(await of(client.clientId, asMember(member))).toMatchObject({ problem: { status: 404 } });
  expect(await of(member.clientId, asMember(member))).toMatchObject({ body: { data: [] } });
});
