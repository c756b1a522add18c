import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aClient, type TestClient } from '../../../lib/testing/factories.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;
let client: TestClient;
let key: string;
const origin = 'https://acme.example';

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
  key = await bench.keyFor(client, { allowedOrigins: [origin] });
});
afterAll(() => bench.stop());

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

async function submit(fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await bench.post(new URLSearchParams(fields).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    accept: BROWSER,
    ...headers,
  });
  const type = response.headers.get('content-type') ?? '';
  return { response, status: response.status, type, text: await response.text() };
}

describe('whoever sits before a plain form is shown a page', () => {
  test('of thanks, when it went well and no other page is wanted', async () => {
    const { status, type, text } = await submit({ name: 'Ada', _api_key: key });
    expect([status, type]).toEqual([201, 'text/html; charset=utf-8']);
    expect(text).toContain('<h1>Thank you</h1>');
  });

  test.each([
    [422, { note: 'x' }, 'send name, email or phone', 'mend this'],
    [401, { name: 'A', _api_key: 'none' }, 'unknown, revoked', 'whoever runs this website'],
    [403, { name: 'A', _redirect: 'https://evil.example/' }, '_redirect must', 'this website'],
    [413, { name: 'x'.repeat(300_000) }, 'at most', 'mend this'],
  ])('of what happened and what to mend, with a %i', async (status, fields, what, next) => {
    const answer = await submit({ _api_key: key, ...fields });
    expect([answer.status, answer.type]).toEqual([status, 'text/html; charset=utf-8']);
    expect(answer.text).toContain(what);
    expect(answer.text).toContain(next);
  });

  test('of when to come back, past the key’s rate', async () => {
    const limited = await bench.keyFor(client, { rateLimitPerMinute: 1 });
    await submit({ name: 'A' }, { 'x-api-key': limited });
    const { response, status, text } = await submit({ name: 'A' }, { 'x-api-key': limited });
    expect(status).toBe(429);
    expect(text).toContain(`Please wait ${response.headers.get('retry-after')} seconds`);
  });

  test('that loads and runs nothing, fits a narrow screen and shows markup as text', async () => {
    const foreign = `<img src=x onerror="alert('1')">`;
    const { response, text } = await submit({ name: 'A' }, { 'x-api-key': key, origin: foreign });
    expect(text).not.toContain('<img');
    expect(text).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;');
    expect(text).not.toMatch(/<script|<link|src=["h]|url\(|https?:\/\//);
    expect(text).toContain('width=device-width');
    const style = /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
  });
});

describe('a script goes on to get JSON', () => {
  test.each([
    ['fetch with a form', { accept: '*/*' }],
    ['one that asks for JSON', { accept: 'application/json' }],
  ])('%s', async (_what, headers) => {
    expect((await submit({ name: 'A', _api_key: key }, headers)).type).toContain(
      'application/json',
    );
    const refused = await submit({ _api_key: key }, headers);
    expect(refused.type).toBe('application/problem+json');
  });

  test('a browser that posts JSON', async () => {
    const response = await bench.post('{"name":"A"}', {
      'content-type': 'application/json',
      'x-api-key': key,
      accept: BROWSER,
    });
    expect(response.headers.get('content-type')).toContain('application/json');
  });
});

describe('_redirect', () => {
  test.each([
    [303, `${origin}/thanks?x=1#y`],
    [403, `blob:${origin}/abc`],
    [403, 'https://user:pw@acme.example/'],
    [403, 'https://user@acme.example/'],
    [403, 'javascript:alert(1)'],
    [403, '/thanks'],
    [403, 'https://acme.example.evil.example/'],
  ])('%i for %s', async (status, target) => {
    const { response } = await submit({ name: 'A', _api_key: key, _redirect: target });
    expect(response.status).toBe(status);
    expect(response.headers.get('location')).toBe(status === 303 ? target : null);
  });
});
