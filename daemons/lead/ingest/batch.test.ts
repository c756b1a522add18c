import { afterAll, beforeAll, expect, test } from 'vitest';
import { anonymous } from '../../../lib/identity/identity.ts';
import { aClient } from '../../../lib/testing/factories.ts';
import { openLeadBench, readJson, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;
let key: string;

beforeAll(async () => {
  bench = await openLeadBench();
  key = await bench.keyFor(await aClient(bench.db));
});
afterAll(() => bench.stop());

const post = async (body: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${bench.daemon.url}/leads/ingest/batch`, {
    method: 'POST',
    headers: {
      ...bench.daemon.vouchFor(anonymous),
      'content-type': 'application/json',
      'x-api-key': key,
      ...headers,
    },
    body,
  });
  return { status: response.status, body: await readJson(response) };
};

test('a batch sent again under its idempotency key says so of each lead', async () => {
  const leads = [{ name: 'A' }, { note: 'nobody' }, { name: 'R', lead_reference_id: 'r-1' }];
  await bench.postLead(key, { name: 'R', lead_reference_id: 'r-1' });
  const send = () => post(JSON.stringify({ leads }), { 'idempotency-key': 'batch-1' });
  const first = await send();
  expect(JSON.stringify(first)).not.toContain('idempotency_replayed');
  expect((await send()).body['results']).toMatchObject([
    { status: 201, idempotency_replayed: true },
    { status: 422 },
    { status: 200, idempotency_replayed: true },
  ]);
});

test.each([
  [400, 'malformed_request', '{"leads":[{"name":"A"}'],
  [400, 'malformed_request', '{"leads":[{"name":"A"} {"name":"B"}]}'],
  [400, 'malformed_request', '{"leads":[{"name":}]}'],
  [400, 'malformed_request', '{"leads":[]}x'],
  [422, 'validation_failed', '[]'],
  [422, 'validation_failed', '{}'],
  [422, 'validation_failed', '{"leads":[]}'],
  [422, 'validation_failed', '{"leads":{"name":"A"}}'],
  [422, 'validation_failed', '{"leads":[{"name":"A"}],"other":1}'],
  [422, 'validation_failed', `{"leads":[${'1,'.repeat(1_000)}1]}`],
])('%i %s for %.60s', async (status, code, body) => {
  expect(await post(body)).toMatchObject({ status, body: { code } });
});

test('of more members than a thousand leads have is refused, and one lead of too many alone', async () => {
  const lead = (members: number) =>
    `{"name":"A",${Array.from({ length: members }, (_, n) => `"k${n}":1`).join(',')}}`;
  expect(await post(`{"leads":[${lead(1)},${lead(10_000)}]}`)).toMatchObject({
    status: 207,
    body: { results: [{ status: 201 }, { status: 422 }] },
  });
  expect(await post(`{"leads":[${Array(11).fill(lead(9_900)).join(',')}]}`)).toMatchObject({
    status: 422,
  });
});

test('a batch of another type is told which one is taken', async () => {
  expect(await post('leads=1', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
});

test('a lead larger than one sent alone may be is refused alone', async () => {
  const large = { name: 'B', note: 'x'.repeat(300_000) };
  const { status, body } = await post(
    JSON.stringify({ leads: [{ name: 'A' }, large, { name: 'C' }] }),
  );
  expect(status).toBe(207);
  expect(body['results']).toMatchObject([
    { status: 201 },
    { status: 413, code: 'body_too_large' },
    { status: 201 },
  ]);
});
