import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aClient, type TestClient } from '../../../lib/testing/factories.ts';
import { openLeadBench, readJson, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;
let client: TestClient;
let key: string;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db, { defaultCountry: 'DE' });
  key = await bench.keyFor(client);
});
afterAll(() => bench.stop());

async function stored(id: unknown): Promise<Record<string, unknown>> {
  const { rows } = await bench.db.query('SELECT * FROM leads WHERE id = $1', [id]);
  return rows[0];
}

async function countLeads(): Promise<number> {
  const { rows } = await bench.db.query('SELECT count(*)::int AS n FROM leads');
  return rows[0].n;
}

const problemOf = async (response: Response) => ({
  contentType: response.headers.get('content-type'),
  ...(await readJson(response)),
});

describe('a lead that is accepted', () => {
  test('is stored with its event when the answer arrives', async () => {
    const answer = await bench.postLead(key, { name: 'Ada', email: ' Ada@Example.COM ' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ client_id: client.clientId, status: 'accepted' });
    expect(await stored(answer.body['id'])).toMatchObject({
      name: 'Ada',
      email: 'ada@example.com',
      source: 'website',
      status: 'new',
    });
    const events = await bench.db.query('SELECT kind FROM events WHERE lead_id = $1', [
      answer.body['id'],
    ]);
    expect(events.rows).toEqual([{ kind: 'lead.created' }]);
  });

  test('may come urlencoded, its repeated fields kept as a list', async () => {
    const response = await bench.post('name=Ada&interest=a&interest=b&phone=030+901820', {
      'content-type': 'application/x-www-form-urlencoded',
      'x-api-key': key,
    });
    const { id } = await readJson(response);
    expect(response.status).toBe(201);
    expect(await stored(id)).toMatchObject({
      phone: '+4930901820',
      phone_valid: true,
      raw_payload: { name: 'Ada', interest: ['a', 'b'], phone: '030 901820' },
    });
  });

  test('may come as multipart, its files noted but not kept', async () => {
    const form = new FormData();
    form.set('first_name', 'Ada');
    form.set('last_name', 'Lovelace');
    form.set('cv', new Blob(['hello']), 'cv.txt');
    const encoded = new Response(form);
    const response = await bench.post(new Uint8Array(await encoded.arrayBuffer()), {
      'content-type': encoded.headers.get('content-type') ?? '',
      'x-api-key': key,
    });
    const { id } = await readJson(response);
    expect(response.status).toBe(201);
    expect(await stored(id)).toMatchObject({
      name: 'Ada Lovelace',
      raw_payload: { cv: { filename: 'cv.txt', size_bytes: 5, stored: false } },
    });
  });

  test.each([
    ['a formula', '{"name":"=HYPERLINK(\\"http://evil.example\\",\\"x\\")"}'],
    ['emoji and right-to-left text', '{"name":"🚀 ليلى 👩‍👩‍👧"}'],
    ['a number beyond 2^53', '{"name":"n","budget":12345678901234567890}'],
  ])('keeps %s exactly as sent', async (_what, text) => {
    const response = await bench.post(text, {
      'content-type': 'application/json',
      'x-api-key': key,
    });
    const { id } = await readJson(response);
    const { rows } = await bench.db.query(
      "SELECT raw_payload = $2::jsonb AND name = $2::jsonb->>'name' AS same FROM leads WHERE id = $1",
      [id, text],
    );
    expect(rows).toEqual([{ same: true }]);
  });

  test('keeps a 200 KiB payload whole', async () => {
    const note = 'é'.repeat(100 * 1024);
    const { status, body } = await bench.postLead(key, { name: 'Ada', note });
    expect(status).toBe(201);
    expect((await stored(body['id']))['raw_payload']).toEqual({ name: 'Ada', note });
  });

  test('keeps a phone that cannot be parsed, marked', async () => {
    const { body } = await bench.postLead(key, { phone: 'call me maybe' });
    expect(await stored(body['id'])).toMatchObject({ phone: 'call me maybe', phone_valid: false });
  });

  test.each([
    ['a NUL character', '{"name":"A\\u0000da"}', { name: 'A\u{FFFD}da' }],
    ['half a surrogate pair', '{"name":"A\\ud83dda"}', { name: 'A\u{FFFD}da' }],
    ['a number no database holds', '{"name":"Ada","n":1e400000}', { name: 'Ada' }],
    [
      'nesting without end',
      `{"name":"Ada","x":${'['.repeat(9000)}${']'.repeat(9000)}}`,
      { name: 'Ada' },
    ],
  ])('is not lost to %s', async (_what, text, expected) => {
    const response = await bench.post(text, {
      'content-type': 'application/json',
      'x-api-key': key,
    });
    expect(response.status).toBe(201);
    expect(await stored((await readJson(response))['id'])).toMatchObject(expected);
  });

  test('with a filled honeypot is kept as spam', async () => {
    const { status, body } = await bench.postLead(key, { name: 'Bot', _gotcha: 'x' });
    expect(status).toBe(201);
    expect(await stored(body['id'])).toMatchObject({ status: 'spam' });
  });
});

describe('what is refused', () => {
  const json = { 'content-type': 'application/json' };
  test.each([
    ['no key', '{"name":"A"}', json, 401, 'invalid_api_key'],
    ['a wrong key', '{"name":"A"}', { ...json, 'x-api-key': 'no_live_x' }, 401, 'invalid_api_key'],
    ['no contact', '{"note":"hi"}', json, 422, 'validation_failed'],
    ['a list', '[]', json, 422, 'validation_failed'],
    ['broken JSON', '{"name":', json, 400, 'malformed_request'],
    ['bytes that are not UTF-8', new Uint8Array([123, 255, 125]), json, 400, 'malformed_request'],
    ['257 KiB', JSON.stringify({ name: 'x'.repeat(257 * 1024) }), json, 413, 'body_too_large'],
    ['XML', '<lead/>', { 'content-type': 'application/xml' }, 415, 'unsupported_media_type'],
    ['no content type', new Uint8Array([123]), {}, 415, 'unsupported_media_type'],
  ])('%s: stores nothing and says why', async (what, body, headers, status, code) => {
    const before = await countLeads();
    const withKey = what.includes('key') ? headers : { 'x-api-key': key, ...headers };
    const response = await bench.post(body, withKey);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status, code, contentType: 'application/problem+json' });
    expect(problem).toHaveProperty('request_id', response.headers.get('x-request-id'));
    expect(await countLeads()).toBe(before);
  });

  test('a key without the scope', async () => {
    const reader = await bench.keyFor(client, { scopes: ['leads:read'] });
    expect((await bench.postLead(reader, { name: 'A' })).body).toMatchObject({
      code: 'scope_missing',
    });
  });

  test('a key past its own limit, with the time to wait', async () => {
    const limited = await bench.keyFor(client, { rateLimitPerMinute: 2 });
    await bench.postLead(limited, { name: '1' });
    await bench.postLead(limited, { name: '2' });
    const third = await bench.postLead(limited, { name: '3' });
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('a batch larger than the key’s limit, without using the limit up', async () => {
    const limited = await bench.keyFor(client, { rateLimitPerMinute: 2 });
    const batch = await bench.postBatch(limited, [{ name: '1' }, { name: '2' }, { name: '3' }]);
    expect(batch).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    expect((await bench.postLead(limited, { name: '1' })).status).toBe(201);
  });

  test('a suspended client, at once', async () => {
    const other = await aClient(bench.db);
    const otherKey = await bench.keyFor(other);
    expect((await bench.postLead(otherKey, { name: 'A' })).status).toBe(201);
    await bench.db.query("UPDATE clients SET status = 'suspended' WHERE client_id = $1", [
      other.clientId,
    ]);
    await expect
      .poll(async () => (await bench.postLead(otherKey, { name: 'A' })).body['code'], {
        timeout: 1_000,
      })
      .toBe('client_suspended');
  });
});

describe('the same lead again', () => {
  test('under an idempotency key gets the first answer', async () => {
    const send = () => bench.postLead(key, { name: 'Once' }, { 'idempotency-key': 'k-1' });
    const first = await send();
    const second = await send();
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
  });

  test('with another body under the same key is refused', async () => {
    await bench.postLead(key, { name: 'One' }, { 'idempotency-key': 'k-2' });
    const other = await bench.postLead(key, { name: 'Two' }, { 'idempotency-key': 'k-2' });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  test('with the same reference names the first lead', async () => {
    const first = await bench.postLead(key, { name: 'R', lead_reference_id: 'r-1' });
    const second = await bench.postLead(key, { name: 'R2', lead_reference_id: 'r-1' });
    expect(second.status).toBe(200);
    expect(second.body).toMatchObject({ id: first.body['id'], duplicate: true });
    const elsewhere = await bench.postLead(key, {
      name: 'R',
      lead_reference_id: 'r-1',
      source: 'ads',
    });
    expect(elsewhere.status).toBe(201);
  });

  test('is another lead when its reference differs beyond what a double can tell apart', async () => {
    const send = (reference: string) =>
      bench.post(`{"name":"Big","lead_reference_id":${reference}}`, {
        'content-type': 'application/json',
        'x-api-key': key,
      });
    expect((await send('9007199254740992')).status).toBe(201);
    expect((await send('9007199254740993')).status).toBe(201);
    expect((await send('9007199254740993')).status).toBe(200);
  });

  test('a hundred times at once is one lead, whichever way it repeats', async () => {
    const before = await countLeads();
    const byKey = Array.from({ length: 50 }, () =>
      bench.postLead(key, { name: 'Crowd' }, { 'idempotency-key': 'crowd' }),
    );
    const byReference = Array.from({ length: 50 }, () =>
      bench.postLead(key, { name: 'Crowd', lead_reference_id: 'crowd' }),
    );
    const answers = await Promise.all([...byKey, ...byReference]);
    const ids = new Set(answers.map(({ body }) => body['id']));
    expect(ids.size).toBe(2);
    expect(answers.every(({ status }) => status === 201 || status === 200)).toBe(true);
    expect(await countLeads()).toBe(before + 2);
  });
});

describe('browser forms', () => {
  const origin = 'https://acme.example';

  test('get CORS for the origins of the key, preflight included', async () => {
    const formKey = await bench.keyFor(client, { allowedOrigins: [origin] });
    const preflight = await fetch(`${bench.daemon.url}/leads/ingest`, {
      method: 'OPTIONS',
      headers: { ...bench.daemon.vouchFor({ kind: 'anonymous' }), origin },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    const posted = await bench.postLead(formKey, { name: 'A' }, { origin });
    expect(posted.status).toBe(201);
    const foreign = await bench.postLead(
      formKey,
      { name: 'A' },
      { origin: 'https://evil.example' },
    );
    expect(foreign).toMatchObject({ status: 403, body: { code: 'origin_not_allowed' } });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('without script are sent on, to an allowed origin only', async () => {
    const formKey = await bench.keyFor(client, { allowedOrigins: [origin] });
    const submit = (redirect: string) =>
      bench.post(
        new URLSearchParams({ name: 'Form', _api_key: formKey, _redirect: redirect }).toString(),
        { 'content-type': 'application/x-www-form-urlencoded' },
      );
    const sent = await submit(`${origin}/thanks`);
    expect(sent.status).toBe(303);
    expect(sent.headers.get('location')).toBe(`${origin}/thanks`);
    expect((await submit('https://evil.example/')).status).toBe(403);
    const { rows } = await bench.db.query(
      "SELECT raw_payload FROM leads WHERE name = 'Form' AND client_id = $1",
      [client.clientId],
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(formKey);
  });
});

describe('a batch', () => {
  test('answers for each lead on its own', async () => {
    const leads = [
      { name: 'B1', lead_reference_id: 'b' },
      { note: 'nobody' },
      7,
      { email: 'b@x.example' },
    ];
    expect(await bench.postBatch(key, leads)).toMatchObject({
      status: 207,
      body: { results: [{ status: 201 }, { status: 422 }, { status: 422 }, { status: 201 }] },
    });
  });
});

test('a key sent as a field is never kept, even beside the header', async () => {
  const single = await bench.postLead(key, { name: 'Leaky', _api_key: key });
  const batch = await bench.postBatch(key, [{ name: 'Leaky', _api_key: key }]);
  expect([single.status, batch.status]).toEqual([201, 207]);
  const { rows } = await bench.db.query("SELECT raw_payload FROM leads WHERE name = 'Leaky'");
  expect(rows).toHaveLength(2);
  expect(JSON.stringify(rows)).not.toContain(key);
});
