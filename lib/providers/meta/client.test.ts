import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startFakeServer, type FakeServer } from '../testing/fake-server.ts';
import { createMetaClient, type MetaClient } from './client.ts';
import { appSecretProof } from './signature.ts';

const LEAD = `{
  "id": 98765432109876543210,
  "created_time": "2026-03-01T12:00:00+0000",
  "form_id": "456", "ad_id": 12345678901234567890, "platform": "ig", "is_organic": false,
  "field_data": [{"name":"email","values":["anna@example.com"]},{"name":"phone","values":[]}],
  "custom_disclaimer_responses": [{"checkbox_key":"terms","is_checked":"1"},{"checkbox_key":"ads","is_checked":""}]
}`;
const accessToken = 'page-token';

let server: FakeServer;
let client: MetaClient;

beforeEach(async () => {
  server = await startFakeServer();
  client = createMetaClient({
    baseUrl: `${server.baseUrl}/`,
    apiVersion: 'v25.0',
    appSecret: 'app-secret',
    timeoutMs: 150,
  });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await client.close();
});

describe('a lead', () => {
  test('is read whole, its ids to the last digit', async () => {
    server.answer({ body: LEAD });
    const lead = await client.getLead({ leadgenId: '98765432109876543210', accessToken });
    expect(lead).toMatchObject({
      kind: 'ok',
      value: {
        id: '98765432109876543210',
        createdAt: new Date('2026-03-01T12:00:00Z'),
        formId: '456',
        adId: '12345678901234567890',
        campaignId: null,
        platform: 'ig',
        isOrganic: false,
        fields: [
          { name: 'email', values: ['anna@example.com'] },
          { name: 'phone', values: [] },
        ],
        disclaimers: [
          { key: 'terms', isChecked: true },
          { key: 'ads', isChecked: false },
        ],
      },
    });
  });

  test('is asked for with the token in a header and the proof in the query', async () => {
    server.answer({ body: LEAD });
    await client.getLead({ leadgenId: '9', accessToken });
    const [request] = server.requests;
    expect(request?.url.pathname).toBe('/v25.0/9');
    expect(request?.headers.authorization).toBe('Bearer page-token');
    expect(request?.url.search).not.toContain(accessToken);
    expect(request?.url.searchParams.get('appsecret_proof')).toBe(
      appSecretProof(accessToken, 'app-secret'),
    );
    expect(request?.url.searchParams.get('fields')).toContain('custom_disclaimer_responses');
  });

  test('whose id would leave its path does not', async () => {
    server.answer({ body: LEAD });
    await client.getLead({ leadgenId: '../9?x=1', accessToken });
    expect(server.requests[0]?.url.pathname).toBe('/v25.0/..%2F9%3Fx%3D1');
  });

  test.each([
    [
      'a dead token holds the page',
      { code: 190, message: 'Expired' },
      { kind: 'hold', scope: 'lane', code: '190' },
    ],
    [
      'a missing object is retried a few times',
      { code: 100, error_subcode: 33, message: 'No' },
      { kind: 'retry', code: '100/33', giveUp: { afterAttempts: 5 } },
    ],
    [
      'an unknown transient error is retried',
      { code: 5, message: 'x', is_transient: true },
      { kind: 'retry', giveUp: null },
    ],
  ])('%s', async (_what, error, expected) => {
    server.answer({ status: 400, body: { error } });
    expect(await client.getLead({ leadgenId: '9', accessToken })).toMatchObject(expected);
  });

  test.each(['hang', 'reset'] as const)(
    'that is not answered (%s) is asked for again',
    async (how) => {
      server.answer(how);
      expect(await client.getLead({ leadgenId: '9', accessToken })).toMatchObject({
        kind: 'retry',
      });
    },
  );

  test('comes with the usage that the headers tell', async () => {
    server.answer({ body: LEAD, headers: { 'x-app-usage': '{"call_count":80}' } });
    const { call } = await client.getLead({ leadgenId: '9', accessToken });
    expect(call.usage).toEqual({ percent: 80, regainAccessMs: 0 });
  });
});

describe("a form's leads", () => {
  test('are followed to the last page, across an empty one', async () => {
    const pages: Readonly<Record<string, unknown>> = {
      first: {
        data: [{ id: '1', created_time: '2026-03-01T12:00:00+0000' }],
        paging: { next: nextOf('b') },
      },
      b: { data: [], paging: { next: nextOf('c') } },
      c: {
        data: [{ id: '2', created_time: '2026-03-01T13:00:00+0000' }],
        paging: { cursors: { after: 'z' } },
      },
    };
    server.answer(({ url }) => ({ body: pages[url.searchParams.get('after') ?? 'first'] }));
    const since = new Date('2026-02-01T00:00:00Z');
    const ids: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 5; page += 1) {
      const list = await client.listFormLeads({
        formId: '456',
        accessToken,
        since,
        ...(cursor === undefined ? {} : { cursor }),
      });
      if (list.kind !== 'ok') break;
      ids.push(...list.value.leads.map(({ id }) => id));
      if (list.value.nextCursor === null) break;
      cursor = list.value.nextCursor;
      expect(cursor).not.toContain('page-token');
    }
    expect(ids).toEqual(['1', '2']);
    expect(server.requests).toHaveLength(3);
    expect(server.requests[0]?.url.searchParams.get('filtering')).toBe(
      '[{"field":"time_created","operator":"GREATER_THAN","value":1769904000}]',
    );
    for (const { url, headers } of server.requests) {
      expect(url.pathname).toBe('/v25.0/456/leads');
      expect(headers.authorization).toBe('Bearer page-token');
      expect(url.searchParams.has('access_token')).toBe(false);
    }
  });
});

test("a page's forms are listed with what continues the list", async () => {
  server.answer({
    body: `{"data":[{"id":12345678901234567890,"name":"Offer","status":"ACTIVE"}],"paging":{"next":"${nextOf('b')}"}}`,
  });
  const list = await client.listForms({ pageId: '5', accessToken });
  expect(list).toMatchObject({
    kind: 'ok',
    value: { forms: [{ id: '12345678901234567890', name: 'Offer', status: 'ACTIVE' }] },
  });
  const cursor = list.kind === 'ok' ? list.value.nextCursor : null;
  expect(cursor).toBe('limit=100&after=b');
  await client.listForms({ pageId: '5', accessToken, cursor: cursor ?? '' });
  expect(server.requests.map(({ url }) => url.pathname)).toEqual(
    Array(2).fill('/v25.0/5/leadgen_forms'),
  );
  expect(server.requests[1]?.url.searchParams.get('after')).toBe('b');
});

describe('the set-up', () => {
  test("shows a page's subscriptions", async () => {
    server.answer({ body: { data: [{ id: 123, name: 'App', subscribed_fields: ['leadgen'] }] } });
    expect(await client.getPageSubscriptions({ pageId: '5', accessToken })).toMatchObject({
      kind: 'ok',
      value: [{ appId: '123', name: 'App', fields: ['leadgen'] }],
    });
  });

  test("shows the app's subscriptions, asked for as the app", async () => {
    server.answer({
      body: {
        data: [
          {
            object: 'page',
            callback_url: 'https://x',
            active: true,
            fields: [{ name: 'leadgen', version: 'v25.0' }],
          },
        ],
      },
    });
    expect(await client.getAppSubscriptions({ appId: '123' })).toMatchObject({
      kind: 'ok',
      value: [{ object: 'page', callbackUrl: 'https://x', active: true, fields: ['leadgen'] }],
    });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer 123|app-secret');
  });

  test('shows what a token may do and until when', async () => {
    server.answer({
      body: {
        data: {
          is_valid: false,
          app_id: 123,
          type: 'PAGE',
          expires_at: 1_772_366_400,
          scopes: ['leads_retrieval'],
          granular_scopes: [{ scope: 'leads_retrieval', target_ids: ['5'] }],
          error: { message: 'Session expired' },
        },
      },
    });
    expect(await client.debugToken({ appId: '123', inputToken: accessToken })).toMatchObject({
      kind: 'ok',
      value: {
        isValid: false,
        appId: '123',
        type: 'PAGE',
        expiresAt: new Date('2026-03-01T12:00:00Z'),
        scopes: ['leads_retrieval'],
        granularScopes: [{ scope: 'leads_retrieval', targetIds: ['5'] }],
        problem: 'Session expired',
      },
    });
  });
});

function nextOf(after: string): string {
  return `https://graph.facebook.com/v25.0/456/leads?access_token=page-token&limit=100&after=${after}`;
}
