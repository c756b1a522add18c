import { describe, expect, test } from 'vitest';
import { decide } from '../decide.ts';
import { because, type UnknownVerdict } from '../outcome.ts';
import {
  classOfGoogleError,
  readGoogleError,
  sheetsErrors,
  type SheetsErrorClass,
} from './errors.ts';

const denied = (over: Readonly<Record<string, unknown>>) => ({
  error: { code: 403, status: 'PERMISSION_DENIED', message: 'No', ...over },
});

test.each([
  ['throttled', 429, { error: { status: 'RESOURCE_EXHAUSTED', message: 'Quota' } }],
  ['throttled', 403, denied({ errors: [{ reason: 'userRateLimitExceeded' }] })],
  ['throttled', 403, denied({ details: [{}, { reason: 'RATE_LIMIT_EXCEEDED' }] })],
  ['throttled', 429, '<html>'],
  ['not_shared', 403, denied({ errors: [{ reason: 'forbidden' }] })],
  ['protected', 403, denied({ message: 'You are trying to edit a protected cell' })],
  ['api_disabled', 403, denied({ details: [{ reason: 'SERVICE_DISABLED' }] })],
  [
    'missing_spreadsheet',
    404,
    { error: { status: 'NOT_FOUND', message: 'Requested entity was not found.' } },
  ],
  [
    'missing_sheet',
    400,
    { error: { status: 'INVALID_ARGUMENT', message: "Unable to parse range: 'X'!A1" } },
  ],
  [
    'full',
    400,
    {
      error: {
        status: 'INVALID_ARGUMENT',
        message:
          'This action would increase the number of cells in the workbook above the limit of 10000000 cells.',
      },
    },
  ],
  ['request_invalid', 400, { error: { status: 'INVALID_ARGUMENT', message: 'Invalid values[0]' } }],
  ['token_rejected', 401, { error: { status: 'UNAUTHENTICATED', message: 'Bad' } }],
  ['account_refused', 400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }],
  ['account_refused', 401, { error: 'unauthorized_client' }],
  ['transient', 409, { error: { status: 'ABORTED', message: 'The operation was aborted.' } }],
  ['server', 503, { error: { status: 'UNAVAILABLE', message: 'busy' } }],
  ['server', 500, undefined],
  ['server', 408, ''],
  ['unlisted', 418, {}],
])('%s: HTTP %d with %j', (expected, status, body) => {
  expect(classOfGoogleError(readGoogleError(status, body))).toBe(expected);
});

describe('the table', () => {
  test.each(Object.entries(sheetsErrors.codes))('%s is %s', (key, expected) => {
    const [code = '', reason = null] = key.split('/');
    expect(classOfGoogleError({ code, reason, message: '' })).toBe(expected);
  });
});

describe('what follows from an append that failed', () => {
  const lookFirst: UnknownVerdict = { kind: 'unknown', resolve: 'look_first' };
  const expected: Readonly<
    Record<SheetsErrorClass, readonly [string, string | null, number | null]>
  > = {
    throttled: ['retrying', 'lane', 500],
    server: ['unknown', null, 500],
    transient: ['retrying', 'delivery', 500],
    token_rejected: ['retrying', 'delivery', 500],
    unlisted: ['retrying', 'delivery', 500],
    not_shared: ['held', 'lane', null],
    protected: ['held', 'lane', null],
    api_disabled: ['held', 'lane', null],
    missing_spreadsheet: ['held', 'lane', null],
    missing_sheet: ['held', 'lane', null],
    full: ['held', 'lane', null],
    request_invalid: ['held', 'lane', null],
    account_refused: ['held', 'lane', null],
  };

  test.each(Object.entries(sheetsErrors.classes))('%s', (name, verdict) => {
    const outcome = because(verdict === 'unanswered' ? lookFirst : verdict, {
      code: 'x',
      message: '',
    });
    const decided = decide(outcome, { attempt: 1, ageMs: 0, random: () => 0.5 });
    const scope = 'scope' in decided ? decided.scope : null;
    const delayMs = 'delayMs' in decided ? decided.delayMs : null;
    expect([decided.next, scope, delayMs]).toEqual(
      Object.entries(expected).find(([key]) => key === name)?.[1],
    );
  });
});
