import { generateKeyPairSync } from 'node:crypto';
import { auth, sheets, type sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startSandbox, type TestSandbox } from '../testing/sandbox.ts';

const EMAIL = 'robot@project.iam.gserviceaccount.com';
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.control('POST', '/reset'));

/** Google's own client; only its token URL and root URL lead here. */
function client(key = keys.privateKey): sheets_v4.Sheets {
  const account = new auth.JWT({
    email: EMAIL,
    key,
    scopes: ['https://www.googleapis.com/auth/spreadsheets'],
    transporterOptions: {
      fetchImplementation: (input, init) => {
        const url = String(input instanceof Request ? input.url : input);
        return fetch(url.replace('https://oauth2.googleapis.com', sandbox.url), init);
      },
    },
  });
  return sheets({ version: 'v4', auth: account, rootUrl: `${sandbox.url}/`, retry: false });
}

function append(
  api: sheets_v4.Sheets,
  values: unknown[][],
  options: Partial<sheets_v4.Params$Resource$Spreadsheets$Values$Append> = {},
) {
  return api.spreadsheets.values.append({
    spreadsheetId: 'book',
    range: 'Leads!A1',
    valueInputOption: 'RAW',
    insertDataOption: 'INSERT_ROWS',
    requestBody: { values },
    ...options,
  });
}

async function held(path = 'book'): Promise<unknown> {
  return sandbox.control('GET', `/sheets/${path}`);
}

describe('Google Sheets with googleapis', () => {
  it('appends below the last row and says where', async () => {
    const api = client();
    const first = await append(api, [['id', 'name']]);
    const second = await append(api, [
      ['1', 'Ada'],
      ['2', 'Grace'],
    ]);
    expect(first.data.updates?.updatedRange).toBe('Leads!A1:B1');
    expect(first.data.tableRange).toBeUndefined();
    expect(second.data.tableRange).toBe('Leads!A1:B1');
    expect(second.data.updates).toMatchObject({
      updatedRange: 'Leads!A2:B3',
      updatedRows: 2,
      updatedColumns: 2,
      updatedCells: 4,
    });
    expect(await held()).toEqual({
      values: [
        ['id', 'name'],
        ['1', 'Ada'],
        ['2', 'Grace'],
      ],
      sheet: 'Leads',
      sheets: ['Leads'],
    });
  });

  it('keeps RAW text as text and does to USER_ENTERED what typing would', async () => {
    const api = client();
    const row = ['=HYPERLINK("http://x")', '+15551234567', '007', '😀'];
    await append(api, [row]);
    await append(api, [row], { valueInputOption: 'USER_ENTERED' });
    expect(await held()).toMatchObject({
      values: [row, ['#EVALUATED! =HYPERLINK("http://x")', 15_551_234_567, 7, '😀']],
    });
  });

  it('loses rows to parallel OVERWRITE appends and none to INSERT_ROWS', async () => {
    const api = client();
    const twenty = Array.from({ length: 20 }, (_, index) => [`lead ${index}`]);
    await Promise.all(twenty.map((row) => append(api, [row])));
    await Promise.all(
      twenty.map((row) =>
        append(api, [row], { spreadsheetId: 'other', insertDataOption: 'OVERWRITE' }),
      ),
    );
    const inserted = await api.spreadsheets.values.get({ spreadsheetId: 'book', range: 'Leads' });
    const overwritten = await api.spreadsheets.values.get({
      spreadsheetId: 'other',
      range: 'Leads',
    });
    expect(new Set(inserted.data.values?.flat()).size).toBe(20);
    expect(overwritten.data.values?.length).toBeLessThan(20);
  });

  it('reads one range, several, a column, and leaves out what is empty at the end', async () => {
    const api = client();
    const range = "'My leads'!A1:C3";
    await api.spreadsheets.values.update({
      spreadsheetId: 'book',
      range,
      valueInputOption: 'RAW',
      requestBody: {
        values: [
          ['a', '', ''],
          ['b', 'c', ''],
        ],
      },
    });
    const one = await api.spreadsheets.values.get({ spreadsheetId: 'book', range });
    const many = await api.spreadsheets.values.batchGet({
      spreadsheetId: 'book',
      ranges: ["'My leads'!A:A", "'My leads'!B2"],
      majorDimension: 'COLUMNS',
    });
    expect(one.data).toEqual({ range, majorDimension: 'ROWS', values: [['a'], ['b', 'c']] });
    expect(many.data.valueRanges).toEqual([
      { range: "'My leads'!A1:A1000", majorDimension: 'COLUMNS', values: [['a', 'b']] },
      { range: "'My leads'!B2", majorDimension: 'COLUMNS', values: [['c']] },
    ]);
  });

  it('shows the tabs of a spreadsheet', async () => {
    await sandbox.control('PUT', '/sheets/book', { title: 'Our leads', sheets: ['New', 'Old'] });
    const { data } = await client().spreadsheets.get({ spreadsheetId: 'book' });
    expect(data.properties?.title).toBe('Our leads');
    expect(data.sheets?.map((sheet) => sheet.properties?.title)).toEqual(['New', 'Old']);
  });

  it('refuses a tab that a prepared spreadsheet lacks, a stranger, and in strict mode the unknown', async () => {
    const api = client();
    await sandbox.control('PUT', '/sheets/book', { sheets: ['New'], shared_with: [EMAIL] });
    await sandbox.control('PUT', '/sheets/private', { shared_with: ['else@example.org'] });
    await sandbox.control('POST', '/google/settings', { strict: true });
    await expect(append(api, [['x']])).rejects.toMatchObject({
      status: 400,
      message: 'Unable to parse range: Leads!A1',
    });
    await expect(
      append(api, [['x']], { spreadsheetId: 'private', range: 'Sheet1!A1' }),
    ).rejects.toMatchObject({ status: 403, message: 'The caller does not have permission' });
    await expect(append(api, [['x']], { spreadsheetId: 'unknown' })).rejects.toMatchObject({
      status: 404,
    });
  });

  it('answers 429 past the write quota, as one user', async () => {
    await sandbox.control('PUT', '/quotas', { sheets_writes_per_minute: 2 });
    await append(client(), [['1']]);
    await append(client(), [['2']]);
    await expect(append(client(), [['3']])).rejects.toMatchObject({
      status: 429,
      response: { data: { error: { status: 'RESOURCE_EXHAUSTED' } } },
    });
  });

  it('checks the assertion’s signature once the account’s key is known', async () => {
    const stranger = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await sandbox.control('POST', '/google/service-accounts', {
      client_email: EMAIL,
      public_key: keys.publicKey,
    });
    await append(client(), [['mine']]);
    await expect(append(client(stranger.privateKey), [['x']])).rejects.toMatchObject({
      status: 400,
      response: { data: { error: 'invalid_grant' } },
    });
    expect(await held()).toMatchObject({ values: [['mine']] });
  });

  it('refuses a token in OAuth’s words and a call in the API’s when a fault says so', async () => {
    const fault = { provider: 'google_sheets', times: 1 };
    await sandbox.control('POST', '/faults', { ...fault, operation: 'token', status: 401 });
    await expect(append(client(), [['x']])).rejects.toMatchObject({
      status: 401,
      response: { data: { error: 'invalid_grant' } },
    });
    await sandbox.control('POST', '/faults', { ...fault, operation: 'append', status: 503 });
    await expect(append(client(), [['x']])).rejects.toMatchObject({
      status: 503,
      response: { data: { error: { code: 503, status: 'UNAVAILABLE' } } },
    });
    expect(await held()).toMatchObject({ values: [] });
  });

  it('does the work of an append that it never answers, and forgets the fault after its times', async () => {
    const api = client();
    await append(api, [['first']]);
    await sandbox.control('POST', '/faults', {
      provider: 'google_sheets',
      operation: 'append',
      hang_after_accept: true,
      times: 1,
    });
    const hung = api.spreadsheets.values.append(
      {
        spreadsheetId: 'book',
        range: 'Leads!A1',
        valueInputOption: 'RAW',
        insertDataOption: 'INSERT_ROWS',
        requestBody: { values: [['second']] },
      },
      { timeout: 300 },
    );
    await expect(hung).rejects.toThrow(/abort|timeout/i);
    await append(api, [['third']]);
    expect(await held()).toMatchObject({ values: [['first'], ['second'], ['third']] });
    const { data } = z
      .object({ data: z.array(z.object({ status: z.number().nullable() })) })
      .parse(await sandbox.control('GET', '/requests?provider=google_sheets&operation=append'));
    expect(data.map(({ status }) => status)).toEqual([200, null, 200]);
  });
});
