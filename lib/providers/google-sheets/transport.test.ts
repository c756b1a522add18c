import { verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decide } from '../decide.ts';
import {
  APPENDED,
  FAKE_EMAIL,
  makeFakeAccount,
  ROWS,
  startFakeGoogle,
  type FakeGoogle,
} from '../testing/fake-google.ts';

const { account, publicKey } = makeFakeAccount();
const target = () => ({ account, spreadsheetId: 'sheet-1', sheetName: 'Leads' });

let google: FakeGoogle;

beforeEach(async () => {
  google = await startFakeGoogle();
});

afterEach(async () => {
  await google[Symbol.asyncDispose]();
});

describe('the access token', () => {
  test('is asked for with an assertion that the account signed', async () => {
    google.api(APPENDED);
    await google.client.appendRows({ ...target(), rows: ROWS });
    const form = new URLSearchParams(google.tokenRequests()[0]?.text);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [head = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const signed = Buffer.from(`${head}.${payload}`);
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    const claims = z
      .object({ iss: z.string(), scope: z.string() })
      .parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    expect(claims).toEqual({
      iss: FAKE_EMAIL,
      scope: 'https://www.googleapis.com/auth/spreadsheets',
    });
  });

  test('is kept for later calls and shared by parallel ones', async () => {
    google.api(APPENDED);
    await Promise.all(
      [1, 2, 3].map(async () => google.client.appendRows({ ...target(), rows: ROWS })),
    );
    await google.client.appendRows({ ...target(), rows: ROWS });
    expect(google.tokenRequests()).toHaveLength(1);
    expect(google.apiRequests()).toHaveLength(4);
    expect(google.apiRequests()[0]?.headers.authorization).toBe('Bearer ya29.token');
  });

  test('is forgotten when the API rejects it, and the spreadsheet held when that goes on', async () => {
    google.api({ status: 401, body: { error: { status: 'UNAUTHENTICATED', message: 'Invalid' } } });
    const outcome = await google.client.appendRows({ ...target(), rows: ROWS });
    await google.client.appendRows({ ...target(), rows: ROWS });
    expect(google.tokenRequests()).toHaveLength(2);
    expect(outcome).toMatchObject({ kind: 'retry', code: 'UNAUTHENTICATED' });
    expect(decide(outcome, { attempt: 3, ageMs: 0 })).toMatchObject({
      next: 'held',
      scope: 'lane',
    });
  });

  test('that is refused holds the spreadsheet and says whose it is', async () => {
    google.server.answer({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'account not found' },
    });
    expect(await google.client.appendRows({ ...target(), rows: ROWS })).toMatchObject({
      kind: 'hold',
      scope: 'lane',
      code: 'invalid_grant',
      message: 'account not found',
      remedy: expect.stringContaining(FAKE_EMAIL),
    });
    expect(google.server.requests).toHaveLength(1);
  });

  test.each([
    ['hangs', 'hang'],
    ['fails', { status: 503, body: '' }],
  ] as const)(
    'whose endpoint %s means that no row was sent: retried, once a call',
    async (_what, answer) => {
      google.server.answer(answer);
      expect(await google.client.appendRows({ ...target(), rows: ROWS })).toMatchObject({
        kind: 'retry',
        scope: 'lane',
      });
      expect(google.server.requests).toHaveLength(1);
    },
  );
});
