import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aClient } from '../lib/testing/factories.ts';
import { anApiKey } from '../lib/testing/lead-factories.ts';
import { startPlatform, type AccessPlatform } from './access/platform.ts';

let platform: AccessPlatform;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const BROWSER = { ...FORM_TYPE, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe.each(['in one process', 'apart'])('through the gateway %s', (shape) => {
  const url = (path: string) => platform.gateways[shape === 'apart' ? 1 : 0] + path;
  const post = (path: string, headers: Record<string, string>, body: string) =>
    fetch(url(path), { method: 'POST', headers, body, redirect: 'manual' });

  test('a stranger’s eight megabytes are answered with 401, again and again', async () => {
    const body = `{"leads":[${'['.repeat(3_900_000)}${']'.repeat(3_900_000)}]}`;
    for (let round = 0; round < 5; round += 1) {
      const response = await post('/api/leads/ingest/batch', JSON_TYPE, body);
      expect([response.status, await response.text()]).toEqual([
        401,
        expect.stringContaining('invalid_api_key'),
      ]);
    }
  });

  test('a lead sent with a key can be read with a key, to the letter', async () => {
    const client = await aClient(platform.db);
    const scopes = ['leads:ingest', 'leads:read'];
    const { key } = await anApiKey(platform.db, { client, scopes });
    const lead = '{"name":"N","n":[1e400,12345678901234567890,1.50]}';
    const made = await post('/api/leads/ingest', { ...JSON_TYPE, 'x-api-key': key }, lead);
    expect(made.status).toBe(201);
    const { id } = Object(await made.json());
    for (const path of ['/api/leads', `/api/leads/${id}`]) {
      const read = await fetch(url(path), { headers: { 'x-api-key': key } });
      expect(await read.text()).toContain(`"raw_payload":${lead}`);
    }
  });

  test.each([
    ['too large', 413, `name=${'x'.repeat(300_000)}`],
    ['without a key', 401, 'name=A'],
    ['of too many fields', 422, 'a&'.repeat(2_000)],
  ])('a plain form %s is answered with a page', async (_what, status, body) => {
    const response = await post('/api/leads/ingest', BROWSER, body);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'text/html; charset=utf-8',
    ]);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const script = await post('/api/leads/ingest', { ...FORM_TYPE, accept: '*/*' }, body);
    expect([script.status, script.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json',
    ]);
  });

  test('a plain form of an unlucky address is answered with a page, too', async () => {
    const { key } = await anApiKey(platform.db, { rateLimitPerMinute: 1 });
    const send = () => post('/api/leads/ingest', BROWSER, `name=A&_api_key=${key}`);
    expect((await send()).status).toBe(201);
    const second = await send();
    expect(second.status).toBe(429);
    expect(await second.text()).toContain('Please wait');
  });
});
