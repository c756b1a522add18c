import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { anonymous } from '../../../lib/identity/identity.ts';
import { aClient, type TestClient } from '../../../lib/testing/factories.ts';
import { asAdmin } from '../../../lib/testing/identities.ts';
import { openLeadBench, readJson, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;
let client: TestClient;
let key: string;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
  key = await bench.keyFor(client, { scopes: ['leads:ingest', 'leads:read'] });
});
afterAll(() => bench.stop());

const JSON_TYPE = { 'content-type': 'application/json' };
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

async function accept(text: string, withKey: 'header' | 'field' = 'header'): Promise<string> {
  const response =
    withKey === 'header'
      ? await bench.post(text, { ...JSON_TYPE, 'x-api-key': key })
      : await bench.post(`{"_api_key":"${key}",${text.slice(1)}`, JSON_TYPE);
  const answer = await readJson(response);
  expect([response.status, answer]).toEqual([201, expect.anything()]);
  return String(answer['id']);
}

const asOperator = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${bench.daemon.url}/clients/${client.clientId}${path}`, {
    ...init,
    headers: { ...bench.daemon.vouchFor(asAdmin()), ...JSON_TYPE },
  });
  return { status: response.status, text: await response.text() };
};
const asKey = async (path: string) => {
  const headers = { ...bench.daemon.vouchFor(anonymous), 'x-api-key': key };
  const response = await fetch(`${bench.daemon.url}${path}`, { headers });
  return { status: response.status, text: await response.text() };
};

describe('numbers and names come back as they were sent', () => {
  const NUMBERS =
    '"a":9007199254740993,"b":12345678901234567890,"d":1.00000000000000000001,"__proto__":1.50';

  test.each(['header', 'field'] as const)('with the key in a %s', async (where) => {
    const id = await accept(`{"name":"N",${NUMBERS},"consent":{"at":12345678901234567890}}`, where);
    for (const { text } of [
      await asOperator(`/leads/${id}`),
      await asOperator('/leads?limit=1'),
      await asKey(`/leads/${id}`),
      await asKey('/leads?limit=1'),
    ]) {
      for (const member of NUMBERS.split(',')) expect(text).toContain(member);
      expect(text).toContain('"consent":{"at":12345678901234567890}');
      expect(text).not.toContain(key);
    }
  });

  test.each(['1e400', '1e400000', '-0', '1E5', '1e131071'])('even %s', async (number) => {
    for (const where of ['header', 'field'] as const) {
      const id = await accept(`{"name":"N","n":${number},"l":[${number}]}`, where);
      const { text } = await asOperator(`/leads/${id}`);
      expect(text).toContain(`"raw_payload":{"name":"N","n":${number},"l":[${number}]}`);
    }
  });

  test('of a batch and of a form as well', async () => {
    const answer = await bench.postBatch(key, []).catch(() => undefined);
    expect(answer?.status).toBe(422);
    const response = await fetch(`${bench.daemon.url}/leads/ingest/batch`, {
      method: 'POST',
      headers: { ...bench.daemon.vouchFor(anonymous), ...JSON_TYPE, 'x-api-key': key },
      body: `{"leads":[{"name":"B","n":12345678901234567890,"__proto__":{"x":1.0},"_api_key":"${key}"}]}`,
    });
    expect(response.status).toBe(207);
    const form = await bench.post(`name=B&__proto__=kept&_api_key=${key}`, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(form.status).toBe(201);
    const { text } = await asOperator('/leads?limit=2');
    expect(text).toContain('"n":12345678901234567890');
    expect(text).toContain('"__proto__":{"x":1.0}');
    expect(text).toContain('"__proto__":"kept"');
    expect(text).not.toContain(key);
  });

  test('to a client of ours as well', async () => {
    const id = await accept('{"name":"N","n":12345678901234567890}');
    const params = { client_id: client.clientId, lead_id: id };
    const read = await bench.daemon.client(asAdmin()).call('getLead', { params });
    expect(JSON.stringify(read.ok && read.body.raw_payload)).toContain('12345678901234567890');
  });
});

describe('what is nested too deep', () => {
  test.each([65, 3_400, 4_200, 5_000, 15_000, 60_000])(
    '%i levels are kept as text, and the known fields are read',
    async (depth) => {
      for (const where of ['header', 'field'] as const) {
        const id = await accept(`{"email":"A@x.example","d":${nested(depth)}}`, where);
        const read = await asOperator(`/leads/${id}`);
        expect(read.status).toBe(200);
        expect(JSON.parse(read.text)).toMatchObject({
          email: 'a@x.example',
          warnings: [expect.stringContaining('_unparsed')],
          raw_payload: { _unparsed: expect.stringContaining(`"d":${nested(depth)}`) },
        });
        expect(read.text).not.toContain(key);
      }
    },
  );

  test('64 levels are not', async () => {
    const id = await accept(`{"name":"N","d":${nested(63)}}`);
    expect((await asOperator(`/leads/${id}`)).text).toContain(`"d":${nested(63)}`);
    const params = { client_id: client.clientId, lead_id: id };
    expect(await bench.daemon.client(asAdmin()).call('getLead', { params })).toMatchObject({
      ok: true,
    });
  });

  test('keeps a no in consent, however deep', async () => {
    const consent = `${'['.repeat(100)}"no"${']'.repeat(100)}`;
    const id = await accept(`{"name":"N","consent":${consent}}`);
    const { text } = await asOperator(`/leads/${id}`);
    expect(JSON.parse(text)).toMatchObject({ consent: { _unparsed: consent } });
  });

  test('is accepted in every field, beside a NUL, and in consent', async () => {
    await accept(`{"name":"N","consent":${nested(60_000)}}`);
    await accept(`{"name":"N\\u0000","d":${nested(60_000)}}`);
    await accept(`{"name":"N","email":${nested(9_000)},"source":${nested(9_000)}}`);
    expect((await asOperator('/leads?limit=3')).status).toBe(200);
  });

  test('hurts nobody but itself in a batch, where an item may be as large as a lead alone', async () => {
    const response = await fetch(`${bench.daemon.url}/leads/ingest/batch`, {
      method: 'POST',
      headers: { ...bench.daemon.vouchFor(anonymous), ...JSON_TYPE, 'x-api-key': key },
      body: `{"leads":[{"name":"A"},{"name":"B","consent":${nested(60_000)}},${nested(1_000_000)},{"name":"C"}]}`,
    });
    expect(await readJson(response)).toMatchObject({
      results: [{ status: 201 }, { status: 201 }, { status: 413 }, { status: 201 }],
    });
  });

  test('is refused from operators, who mean nothing by it', async () => {
    const body = `{"name":"N","consent":${nested(5_000)}}`;
    const { status, text } = await asOperator('/leads', { method: 'POST', body });
    expect(status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({
      code: 'validation_failed',
      detail: expect.stringContaining('at most 64'),
    });
  });
});

describe('a lead that an older version stored', () => {
  test.each([
    [5_000, 'raw_payload'],
    [15_000, 'raw_payload'],
    [5_000, 'consent'],
    [15_000, 'consent'],
  ])('%i levels deep in %s can be listed, read, changed and followed', async (depth, column) => {
    const other = await aClient(bench.db);
    const id = newId();
    const open = new AbortController();
    const streamed = followed(other, open.signal);
    await bench.db.query(
      `INSERT INTO leads (id, client_id, name, source, raw_payload, consent, created_at, updated_at)
       VALUES ($1, $2, 'Old', 'website', $3, $4, now(), now())`,
      [
        id,
        other.clientId,
        column === 'raw_payload' ? `{"a":${nested(depth)}}` : '{}',
        column === 'consent' ? nested(depth) : null,
      ],
    );
    const own = { client_id: other.clientId };
    const admin = bench.daemon.client(asAdmin());
    const params = { ...own, lead_id: id };
    expect(await admin.call('listLeads', { params: own, query: {} })).toMatchObject({
      ok: true,
      body: { data: [{ id, [column]: { _unparsed: expect.stringContaining('[[[[') } }] },
    });
    expect(await admin.call('getLead', { params })).toMatchObject({ ok: true });
    expect(await admin.call('updateLead', { params, body: { status: 'won' } })).toMatchObject({
      ok: true,
      body: { status: 'won' },
    });
    expect(await admin.call('leadTimeline', { params })).toMatchObject({ ok: true });
    await expect.poll(() => streamed.text(), { timeout: 5_000 }).toContain('lead.updated');
    open.abort();
  });
});

/** What a stream of the client's has brought so far. */
function followed({ clientId }: TestClient, signal: AbortSignal): { text(): string } {
  let text = '';
  const read = async () => {
    const response = await fetch(`${bench.daemon.url}/clients/${clientId}/leads/stream`, {
      headers: bench.daemon.vouchFor(asAdmin()),
      signal,
    });
    for await (const part of response.body ?? []) text += Buffer.from(part).toString();
  };
  read().catch(() => undefined);
  return { text: () => text };
}

test('a form that is not UTF-8 is read as what it was, and marked', async () => {
  const response = await bench.post('name=M%FCller', {
    'content-type': 'application/x-www-form-urlencoded',
    'x-api-key': key,
  });
  const { id } = await readJson(response);
  expect(JSON.parse((await asOperator(`/leads/${String(id)}`)).text)).toMatchObject({
    name: 'Müller',
    raw_payload: { name: 'Müller' },
    warnings: ['name was not UTF-8 and was read as windows-1252'],
  });
});

test('a multipart form that is not UTF-8 alike', async () => {
  const body = Buffer.from(
    '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nM\u{FC}ller\r\n--b--\r\n',
    'latin1',
  );
  const response = await bench.post(body, {
    'content-type': 'multipart/form-data; boundary=b',
    'x-api-key': key,
  });
  const { id } = await readJson(response);
  expect(JSON.parse((await asOperator(`/leads/${String(id)}`)).text)).toMatchObject({
    name: 'Müller',
  });
});

describe('more fields than any form has', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `f${n}`);
  const multipart = (names: readonly string[]) => {
    const part = (name: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n1\r\n`;
    return `${names.map(part).join('')}--b--\r\n`;
  };
  test.each([
    ['application/x-www-form-urlencoded', many(1_001).join('&')],
    ['multipart/form-data; boundary=b', multipart(many(1_001))],
    [
      'application/json',
      `{${many(10_001)
        .map((name) => `"${name}":1`)
        .join(',')}}`,
    ],
  ])('are refused as %s', async (type, body) => {
    const response = await bench.post(body, { 'content-type': type, 'x-api-key': key });
    expect(await readJson(response)).toMatchObject({ status: 422, code: 'validation_failed' });
  });
});
