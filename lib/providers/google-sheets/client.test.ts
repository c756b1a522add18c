import { generateKeyPairSync, verify } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decide } from '../decide.ts';
import {
  closedPort,
  startFakeServer,
  type Answer,
  type FakeServer,
  type Recorded,
} from '../testing/fake-server.ts';
import { parseServiceAccount, type ServiceAccount } from './account.ts';
import { createSheetsClient, type SheetsClient } from './client.ts';

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const EMAIL = 'leads@project.iam.gserviceaccount.com';
const TOKEN: Answer = {
  body: { access_token: 'ya29.token', expires_in: 3600, token_type: 'Bearer' },
};
const APPENDED: Answer = { body: { updates: { updatedRange: "'Leads'!A2:B3", updatedRows: 2 } } };

let account: ServiceAccount;
let server: FakeServer;
let client: SheetsClient;

const target = () => ({ account, spreadsheetId: 'sheet-1', sheetName: 'Leads' });
const rows = [
  ['=HYPERLINK("x")', '+4915123456789'],
  ['007', ''],
];
const isToken = ({ url }: Recorded) => url.pathname === '/token';
const apiRequests = () => server.requests.filter((request) => !isToken(request));
const tokenRequests = () => server.requests.filter(isToken);

/** Answers the token endpoint well, and the API as told. */
function api(answer: Answer) {
  server.answer((request) => (isToken(request) ? TOKEN : answer));
}

function clientFor(rootUrl: string, tokenUrl: string) {
  return createSheetsClient({ rootUrl, tokenUrl, timeoutMs: 200 });
}

beforeAll(() => {
  const parsed = parseServiceAccount(
    JSON.stringify({ type: 'service_account', client_email: EMAIL, private_key: keys.privateKey }),
  );
  if (!parsed.ok) throw new Error(parsed.message);
  account = parsed.account;
});

beforeEach(async () => {
  server = await startFakeServer();
  client = clientFor(server.baseUrl, `${server.baseUrl}/token`);
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await client.close();
});

describe('the access token', () => {
  test('is asked for with an assertion that the account signed', async () => {
    api(APPENDED);
    await client.appendRows({ ...target(), rows });
    const form = new URLSearchParams(tokenRequests()[0]?.text);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [head = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const signed = Buffer.from(`${head}.${payload}`);
    expect(verify('RSA-SHA256', signed, keys.publicKey, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    const claims = z
      .object({ iss: z.string(), scope: z.string() })
      .parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    expect(claims).toEqual({ iss: EMAIL, scope: 'https://www.googleapis.com/auth/spreadsheets' });
  });

  test('is kept for later calls and shared by parallel ones', async () => {
    api(APPENDED);
    await Promise.all([1, 2, 3].map(async () => client.appendRows({ ...target(), rows })));
    await client.appendRows({ ...target(), rows });
    expect(tokenRequests()).toHaveLength(1);
    expect(apiRequests()).toHaveLength(4);
    expect(apiRequests()[0]?.headers.authorization).toBe('Bearer ya29.token');
  });

  test('is forgotten when the API rejects it, and the spreadsheet held when that goes on', async () => {
    api({ status: 401, body: { error: { status: 'UNAUTHENTICATED', message: 'Invalid' } } });
    const outcome = await client.appendRows({ ...target(), rows });
    await client.appendRows({ ...target(), rows });
    expect(tokenRequests()).toHaveLength(2);
    expect(outcome).toMatchObject({ kind: 'retry', code: 'UNAUTHENTICATED' });
    expect(decide(outcome, { attempt: 3, ageMs: 0 })).toMatchObject({
      next: 'held',
      scope: 'lane',
    });
  });

  test('that is refused holds the spreadsheet and says whose it is', async () => {
    server.answer({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'account not found' },
    });
    expect(await client.appendRows({ ...target(), rows })).toMatchObject({
      kind: 'hold',
      scope: 'lane',
      code: 'invalid_grant',
      message: 'account not found',
      remedy: expect.stringContaining(EMAIL),
    });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ['hangs', 'hang'],
    ['fails', { status: 503, body: '' }],
  ] as const)(
    'whose endpoint %s means that no row was sent: retried, once a call',
    async (_what, answer) => {
      server.answer(answer);
      expect(await client.appendRows({ ...target(), rows })).toMatchObject({
        kind: 'retry',
        scope: 'lane',
      });
      expect(server.requests).toHaveLength(1);
    },
  );
});

describe('appended rows', () => {
  test('are sent as text, into rows of their own', async () => {
    api(APPENDED);
    const outcome = await client.appendRows({ ...target(), sheetName: "Anna's", rows });
    expect(outcome).toMatchObject({ kind: 'ok', value: { updatedRows: 2 } });
    const [request] = apiRequests();
    expect(decodeURIComponent(request?.url.pathname ?? '')).toBe(
      "/v4/spreadsheets/sheet-1/values/'Anna''s'!A1:append",
    );
    expect(Object.fromEntries(request?.url.searchParams ?? [])).toEqual({
      valueInputOption: 'RAW',
      insertDataOption: 'INSERT_ROWS',
    });
    expect(request?.json).toEqual({ values: rows });
  });

  test('are reported without their content', async () => {
    api(APPENDED);
    const { call } = await client.appendRows({ ...target(), rows });
    expect(call).toMatchObject({
      operation: 'google_sheets.append_rows',
      httpStatus: 200,
      sent: { spreadsheetId: 'sheet-1', sheetName: 'Leads', rows: 2, columns: 2 },
    });
    expect(JSON.stringify(call)).not.toMatch(/HYPERLINK|49151/);
  });

  test.each([
    ['a hang', 'hang'],
    ['a lost connection', 'reset'],
    ['a 503', { status: 503, body: { error: { status: 'UNAVAILABLE', message: 'busy' } } }],
    ['a proxy’s 502', { status: 502, body: '<html>' }],
    ['an answer that cannot be read', { status: 200, body: 'ok' }],
  ] as const)('after %s may be there: look first, nothing is sent twice', async (_what, answer) => {
    api(answer);
    const outcome = await client.appendRows({ ...target(), rows });
    expect(outcome).toMatchObject({ kind: 'unknown', resolve: 'look_first' });
    expect(apiRequests()).toHaveLength(1);
  });

  test('that never left are just sent again', async () => {
    api(APPENDED);
    await client.close();
    client = clientFor(await closedPort(), `${server.baseUrl}/token`);
    const outcome = await client.appendRows({ ...target(), rows });
    expect(outcome).toMatchObject({ kind: 'retry', scope: 'lane', code: 'unreachable' });
  });

  test('of a caller that gives up may be there', async () => {
    api('hang');
    const signal = AbortSignal.timeout(100);
    expect(await client.appendRows({ ...target(), rows, signal })).toMatchObject({
      kind: 'unknown',
      code: 'aborted',
    });
  });

  test('over the quota wait as long as Google names, without a hidden retry', async () => {
    const body = { error: { status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' } };
    api({ status: 429, body, headers: { 'retry-after': '30' } });
    expect(await client.appendRows({ ...target(), rows })).toMatchObject({
      kind: 'retry',
      scope: 'lane',
      notBeforeMs: 30_000,
    });
    expect(apiRequests()).toHaveLength(1);
  });

  test('that are none at all are our own mistake', async () => {
    await expect(client.appendRows({ ...target(), rows: [] })).rejects.toThrow(RangeError);
  });
});

test('a sheet that is not shared says with whom to share it', async () => {
  api({
    status: 403,
    body: {
      error: {
        code: 403,
        status: 'PERMISSION_DENIED',
        message: 'The caller does not have permission',
      },
    },
  });
  expect(await client.getSpreadsheet({ account, spreadsheetId: 'sheet-1' })).toMatchObject({
    kind: 'hold',
    scope: 'lane',
    code: 'PERMISSION_DENIED',
    remedy: `Share the spreadsheet sheet-1 with ${EMAIL} as an editor.`,
  });
});

describe('reading', () => {
  test('a column gives its cells as text', async () => {
    api({ body: { range: 'x', values: [['id-1', '', 7, true]] } });
    const column = await client.readColumn({ ...target(), columnIndex: 27, fromRow: 5 });
    expect(column).toMatchObject({ kind: 'ok', value: ['id-1', '', '7', 'true'] });
    const { url } = apiRequests()[0] ?? {};
    expect(decodeURIComponent(url?.pathname ?? '')).toBe(
      "/v4/spreadsheets/sheet-1/values/'Leads'!AB5:AB",
    );
    expect(url?.searchParams.get('majorDimension')).toBe('COLUMNS');
  });

  test('an empty sheet gives an empty column and an empty header', async () => {
    api({ body: { range: 'x' } });
    expect(await client.readColumn({ ...target(), columnIndex: 0 })).toMatchObject({
      kind: 'ok',
      value: [],
    });
    expect(await client.readHeader(target())).toMatchObject({ kind: 'ok', value: [] });
  });

  test('is done again after a hang', async () => {
    api('hang');
    expect(await client.readHeader(target())).toMatchObject({ kind: 'retry', code: 'timeout' });
    expect(apiRequests()).toHaveLength(1);
  });

  test('a spreadsheet gives its sheets', async () => {
    const properties = {
      sheetId: 3,
      title: 'Leads',
      gridProperties: { rowCount: 1000, columnCount: 26 },
    };
    api({
      body: { spreadsheetId: 'sheet-1', properties: { title: 'Acme' }, sheets: [{ properties }] },
    });
    expect(await client.getSpreadsheet({ account, spreadsheetId: 'sheet-1' })).toMatchObject({
      kind: 'ok',
      value: {
        title: 'Acme',
        sheets: [{ sheetId: 3, title: 'Leads', rowCount: 1000, columnCount: 26 }],
      },
    });
  });
});

test('a header is written into the first row, as text', async () => {
  api({ body: { updatedRange: "'Leads'!A1:B1" } });
  const written = await client.writeHeader({ ...target(), header: ['lead_id', 'name'] });
  expect(written).toMatchObject({ kind: 'ok', value: null });
  expect(apiRequests()[0]).toMatchObject({
    method: 'PUT',
    json: { values: [['lead_id', 'name']] },
  });
  expect(apiRequests()[0]?.url.searchParams.get('valueInputOption')).toBe('RAW');
});
