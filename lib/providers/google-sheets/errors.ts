import { z } from 'zod';
import { hold, retry, type ProviderFailure, type Verdict } from '../outcome.ts';

export type SheetsErrorClass =
  | 'throttled'
  | 'server'
  | 'transient'
  | 'not_shared'
  | 'protected'
  | 'api_disabled'
  | 'missing_spreadsheet'
  | 'missing_sheet'
  | 'full'
  | 'request_invalid'
  | 'token_rejected'
  | 'account_refused'
  | 'unlisted';

/** What Google says of a failure, from the Sheets API (AIP-193) or the token endpoint. */
export interface GoogleError {
  /** `PERMISSION_DENIED`, `invalid_grant` … ; `http_502` when the body says nothing. */
  readonly code: string;
  readonly reason: string | null;
  readonly message: string;
}

/**
 * Error classes as data. A key is a code, or `code/reason` where that decides; a remedy's
 * `{email}`, `{spreadsheetId}` and `{sheetName}` are filled in by the client. `unanswered`: the
 * class of a call that may have been carried out, and means what the caller says it means.
 */
export const sheetsErrors = {
  codes: {
    RESOURCE_EXHAUSTED: 'throttled',
    'PERMISSION_DENIED/rateLimitExceeded': 'throttled',
    'PERMISSION_DENIED/userRateLimitExceeded': 'throttled',
    'PERMISSION_DENIED/RATE_LIMIT_EXCEEDED': 'throttled',
    'PERMISSION_DENIED/SERVICE_DISABLED': 'api_disabled',
    'PERMISSION_DENIED/accessNotConfigured': 'api_disabled',
    PERMISSION_DENIED: 'not_shared',
    UNAUTHENTICATED: 'token_rejected',
    NOT_FOUND: 'missing_spreadsheet',
    INVALID_ARGUMENT: 'request_invalid',
    FAILED_PRECONDITION: 'request_invalid',
    OUT_OF_RANGE: 'request_invalid',
    ABORTED: 'transient',
    INTERNAL: 'server',
    UNAVAILABLE: 'server',
    DEADLINE_EXCEEDED: 'server',
    UNKNOWN: 'server',
    invalid_grant: 'account_refused',
    invalid_client: 'account_refused',
    invalid_scope: 'account_refused',
    unauthorized_client: 'account_refused',
    access_denied: 'account_refused',
    disabled_client: 'account_refused',
  },
  /** Where only the words tell two errors of one code apart. */
  words: [
    { code: 'INVALID_ARGUMENT', pattern: /unable to parse range/i, is: 'missing_sheet' },
    { code: 'INVALID_ARGUMENT', pattern: /above the limit of \d+ cells/i, is: 'full' },
    { code: 'PERMISSION_DENIED', pattern: /protected/i, is: 'protected' },
  ],
  classes: {
    throttled: retry({ scope: 'lane' }),
    server: 'unanswered',
    transient: retry(),
    not_shared: hold('lane', 'Share the spreadsheet {spreadsheetId} with {email} as an editor.'),
    protected: hold(
      'lane',
      'The sheet {sheetName} is protected: let {email} edit it, or remove the protection.',
    ),
    api_disabled: hold(
      'lane',
      'Enable the Google Sheets API in the Google Cloud project of {email}.',
    ),
    missing_spreadsheet: hold(
      'lane',
      'There is no spreadsheet {spreadsheetId}: take its id from its address, between /d/ and /edit.',
    ),
    missing_sheet: hold(
      'lane',
      'The spreadsheet has no sheet named {sheetName}: create it, or correct the name.',
    ),
    full: hold(
      'lane',
      'The spreadsheet {spreadsheetId} is full (10 million cells): start a new one and set its id.',
    ),
    request_invalid: hold(
      'lane',
      'Google refused the request as it is configured: check the spreadsheet id, the sheet name and the columns.',
    ),
    // A token may be revoked before its time; the next attempt asks for another.
    token_rejected: retry({
      giveUp: {
        afterAttempts: 3,
        hold: hold(
          'lane',
          'Google rejects the tokens of {email}: make a new JSON key for it and set it.',
        ),
      },
    }),
    account_refused: hold(
      'lane',
      'Google refuses the service account {email}: it, or its key, was deleted or disabled. Make a new JSON key and set it.',
    ),
    unlisted: retry({
      giveUp: {
        afterAttempts: 5,
        hold: hold(
          'item',
          'An error that is not in our table: look it up in the Google Sheets API reference, then retry.',
        ),
      },
    }),
  },
} as const satisfies {
  codes: Readonly<Record<string, SheetsErrorClass>>;
  words: readonly { code: string; pattern: RegExp; is: SheetsErrorClass }[];
  classes: Readonly<Record<SheetsErrorClass, Verdict | 'unanswered'>>;
};

export function classOfGoogleError({ code, reason, message }: GoogleError): SheetsErrorClass {
  const codes: Readonly<Record<string, SheetsErrorClass>> = sheetsErrors.codes;
  const byReason = codes[`${code}/${reason}`];
  if (byReason !== undefined) return byReason;
  const byWords = sheetsErrors.words.find((one) => one.code === code && one.pattern.test(message));
  return byWords?.is ?? codes[code] ?? classOfStatus(code);
}

/**
 * Whether an append was refused for what its rows hold. The sheet was there a moment before, when its header
 * was read, so that an argument which is invalid now can only be one of them.
 */
export function refusesRows({
  kind,
  code,
  message,
}: Pick<ProviderFailure, 'kind' | 'code' | 'message'>): boolean {
  if (kind !== 'hold' || code !== 'INVALID_ARGUMENT') return false;
  return classOfGoogleError({ code, reason: null, message }) === 'request_invalid';
}

/** The error in an answer's body; by its HTTP status alone when the body says nothing. */
export function readGoogleError(status: number, body: unknown): GoogleError {
  const api = apiErrorSchema.safeParse(body);
  if (api.success) {
    const { error } = api.data;
    const reason = error.details.find((one) => one.reason !== undefined)?.reason;
    return {
      code: error.status ?? `http_${status}`,
      reason: reason ?? error.errors[0]?.reason ?? null,
      message: error.message,
    };
  }
  const token = tokenErrorSchema.safeParse(body);
  if (token.success) {
    const { error, error_description: message = error } = token.data;
    return { code: error, reason: null, message };
  }
  return { code: `http_${status}`, reason: null, message: `HTTP ${status} without an error text.` };
}

function classOfStatus(code: string): SheetsErrorClass {
  const status = Number(/^http_(\d+)$/.exec(code)?.[1] ?? 0);
  if (status === 429) return 'throttled';
  return status >= 500 || status === 408 ? 'server' : 'unlisted';
}

const reasonSchema = z.object({ reason: z.string().optional() });

const apiErrorSchema = z.object({
  error: z.object({
    status: z.string().optional(),
    message: z.string().default(''),
    errors: z.array(reasonSchema).catch([]),
    details: z.array(reasonSchema).catch([]),
  }),
});

const tokenErrorSchema = z.object({
  error: z.string(),
  error_description: z.string().optional(),
});
