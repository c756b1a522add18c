import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  APPENDED,
  FAKE_EMAIL,
  makeFakeAccount,
  ROWS,
  startFakeGoogle,
  type FakeGoogle,
} from '../testing/fake-google.ts';
import { closedPort } from '../testing/fake-server.ts';

const { account } = makeFakeAccount();
const target = () => ({ account, spreadsheetId: 'sheet-1', sheetName: 'Leads' });

let google: FakeGoogle;

beforeEach(async () => {
  google = await startFakeGoogle();
});

afterEach(async () => {
  await google[Symbol.asyncDispose]();
});

describe('appended rows', () => {
  test('are sent as text, into rows of their own', async () => {
    google.api(APPENDED);
    const outcome = await google.client.appendRows({
      ...target(),
      sheetName: "Anna's",
      rows: ROWS,
    });
    expect(outcome).toMatchObject({ kind: 'ok', value: { updatedRows: 2 } });
    const [request] = google.apiRequests();
    expect(decodeURIComponent(request?.url.pathname ?? '')).toBe(
      "/v4/spreadsheets/sheet-1/values/'Anna''s'!A1:append",
    );
    expect(Object.fromEntries(request?.url.searchParams ?? [])).toEqual({
      valueInputOption: 'RAW',
      insertDataOption: 'INSERT_ROWS',
    });
    expect(request?.json).toEqual({ values: ROWS });
  });

  test('are reported without their content', async () => {
    google.api(APPENDED);
    const { call } = await google.client.appendRows({ ...target(), rows: ROWS });
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
    google.api(answer);
    const outcome = await google.client.appendRows({ ...target(), rows: ROWS });
    expect(outcome).toMatchObject({ kind: 'unknown', resolve: 'look_first' });
    expect(google.apiRequests()).toHaveLength(1);
  });

  test('that never left are just sent again', async () => {
    await google[Symbol.asyncDispose]();
    google = await startFakeGoogle(await closedPort());
    google.api(APPENDED);
    const outcome = await google.client.appendRows({ ...target(), rows: ROWS });
    expect(outcome).toMatchObject({ kind: 'retry', scope: 'lane', code: 'unreachable' });
  });

  test('of a caller that gives up may be there', async () => {
    google.api('hang');
    const signal = AbortSignal.timeout(100);
    expect(await google.client.appendRows({ ...target(), rows: ROWS, signal })).toMatchObject({
      kind: 'unknown',
      code: 'aborted',
    });
  });

  test('over the quota wait as long as Google names, without a hidden retry', async () => {
    const body = { error: { status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' } };
    google.api({ status: 429, body, headers: { 'retry-after': '30' } });
    expect(await google.client.appendRows({ ...target(), rows: ROWS })).toMatchObject({
      kind: 'retry',
      scope: 'lane',
      notBeforeMs: 30_000,
    });
    expect(google.apiRequests()).toHaveLength(1);
  });

  test('that are none at all are our own mistake', async () => {
    await expect(google.client.appendRows({ ...target(), rows: [] })).rejects.toThrow(RangeError);
  });
});

test('a sheet that is not shared says with whom to share it', async () => {
  google.api({
    status: 403,
    body: {
      error: {
        code: 403,
        status: 'PERMISSION_DENIED',
        message: 'The caller does not have permission',
      },
    },
  });
  expect(await google.client.getSpreadsheet({ account, spreadsheetId: 'sheet-1' })).toMatchObject({
    kind: 'hold',
    scope: 'lane',
    code: 'PERMISSION_DENIED',
    remedy: `Share the spreadsheet sheet-1 with ${FAKE_EMAIL} as an editor.`,
  });
});

describe('reading', () => {
  test('a column gives its cells as text', async () => {
    google.api({ body: { range: 'x', values: [['id-1', '', 7, true]] } });
    const column = await google.client.readColumn({ ...target(), columnIndex: 27, fromRow: 5 });
    expect(column).toMatchObject({ kind: 'ok', value: ['id-1', '', '7', 'true'] });
    const { url } = google.apiRequests()[0] ?? {};
    expect(decodeURIComponent(url?.pathname ?? '')).toBe(
      "/v4/spreadsheets/sheet-1/values/'Leads'!AB5:AB",
    );
    expect(url?.searchParams.get('majorDimension')).toBe('COLUMNS');
  });

  test('an empty sheet gives an empty column and an empty header', async () => {
    google.api({ body: { range: 'x' } });
    expect(await google.client.readColumn({ ...target(), columnIndex: 0 })).toMatchObject({
      kind: 'ok',
      value: [],
    });
    expect(await google.client.readHeader(target())).toMatchObject({ kind: 'ok', value: [] });
  });

  test('is done again after a hang', async () => {
    google.api('hang');
    expect(await google.client.readHeader(target())).toMatchObject({
      kind: 'retry',
      code: 'timeout',
    });
    expect(google.apiRequests()).toHaveLength(1);
  });

  test('a spreadsheet gives its sheets', async () => {
    const properties = {
      sheetId: 3,
      title: 'Leads',
      gridProperties: { rowCount: 1000, columnCount: 26 },
    };
    google.api({
      body: { spreadsheetId: 'sheet-1', properties: { title: 'Acme' }, sheets: [{ properties }] },
    });
    expect(await google.client.getSpreadsheet({ account, spreadsheetId: 'sheet-1' })).toMatchObject(
      {
        kind: 'ok',
        value: {
          title: 'Acme',
          sheets: [{ sheetId: 3, title: 'Leads', rowCount: 1000, columnCount: 26 }],
        },
      },
    );
  });
});

test('a header is written into the first row, as text', async () => {
  google.api({ body: { updatedRange: "'Leads'!A1:B1" } });
  const written = await google.client.writeHeader({ ...target(), header: ['lead_id', 'name'] });
  expect(written).toMatchObject({ kind: 'ok', value: null });
  expect(google.apiRequests()[0]).toMatchObject({
    method: 'PUT',
    json: { values: [['lead_id', 'name']] },
  });
  expect(google.apiRequests()[0]?.url.searchParams.get('valueInputOption')).toBe('RAW');
});
