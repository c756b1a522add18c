import { z } from 'zod';
import { createHttp, type HttpOptions } from '../http.ts';
import { because, retry, type ProviderResult, type Verdict } from '../outcome.ts';
import type { ServiceAccount } from './account.ts';
import {
  appendedSchema,
  firstLineSchema,
  spreadsheetSchema,
  type Appended,
  type Spreadsheet,
} from './answers.ts';
import { columnLetters, fitCell, rangeOf } from './cells.ts';
import { judge } from './judge.ts';
import {
  createSheetsTransport,
  type SheetsCall,
  type SheetsTransportOptions,
} from './transport.ts';

export interface SheetsOptions extends HttpOptions, SheetsTransportOptions {}

interface Target {
  readonly account: ServiceAccount;
  readonly spreadsheetId: string;
  readonly signal?: AbortSignal | undefined;
}

interface SheetTarget extends Target {
  readonly sheetName: string;
}

export interface SheetsClient {
  /**
   * Adds rows below the table, as text: nothing is taken for a formula, number or date. After
   * `unknown` (`look_first`) read the lead-id column and append only what is missing.
   */
  appendRows(
    append: SheetTarget & { readonly rows: readonly (readonly string[])[] },
  ): Promise<ProviderResult<Appended>>;
  /** A column's cells from `fromRow` (2 unless told) down to its last filled one. */
  readColumn(
    read: SheetTarget & { readonly columnIndex: number; readonly fromRow?: number },
  ): Promise<ProviderResult<readonly string[]>>;
  /** The first row; empty when the sheet is. */
  readHeader(read: SheetTarget): Promise<ProviderResult<readonly string[]>>;
  writeHeader(
    write: SheetTarget & { readonly header: readonly string[] },
  ): Promise<ProviderResult<null>>;
  /** Its title and sheets; shows that it is shared with the account. */
  getSpreadsheet(get: Target): Promise<ProviderResult<Spreadsheet>>;
  close(): Promise<void>;
}

interface Call<T> {
  readonly operation: string;
  readonly target: Target & { readonly sheetName?: string };
  readonly call: SheetsCall;
  readonly answer: z.ZodType<T>;
  readonly unanswered?: Verdict;
  readonly sent?: Readonly<Record<string, unknown>>;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Google Sheets values (developers.google.com/workspace/sheets/api), as service accounts. */
export function createSheetsClient(options: SheetsOptions): SheetsClient {
  const http = createHttp({ maxAnswerBytes: MAX_ANSWER_BYTES, ...options });
  const transport = createSheetsTransport(http, options);

  const run = async <T>(call: Call<T>): Promise<ProviderResult<T>> => {
    const { account, spreadsheetId, sheetName, signal } = call.target;
    const startedAt = new Date();
    const startMs = performance.now();
    const { phase, exchange } = await transport.exchange(account, call.call, signal);
    const report = {
      operation: call.operation,
      startedAt,
      durationMs: Math.round(performance.now() - startMs),
      httpStatus: exchange.kind === 'reply' ? exchange.status : null,
      sent: { spreadsheetId, sheetName: sheetName ?? null, ...call.sent },
      traceId: null,
    };
    // Without a token nothing was asked of the API.
    const unanswered = phase === 'token' ? retry({ scope: 'lane' }) : (call.unanswered ?? retry());
    if (exchange.kind === 'failure') {
      const verdict = exchange.sent ? unanswered : retry({ scope: 'lane' });
      return { ...because(verdict, exchange), call: report };
    }
    if (exchange.status === 401) transport.forgetToken(account);
    return { ...judge(exchange, call.answer, call.target, unanswered), call: report };
  };

  return {
    async appendRows({ rows, ...target }) {
      if (rows.length === 0) throw new RangeError('There is no row to append.');
      const values = rows.map((row) => row.map(fitCell));
      const { spreadsheetId, sheetName } = target;
      const range = rangeOf(sheetName, 'A1');
      const params = { spreadsheetId, range, ...APPEND, requestBody: { values } };
      return run({
        operation: 'google_sheets.append_rows',
        target,
        call: (api, callOptions) => api.values.append(params, callOptions),
        answer: appendedSchema,
        unanswered: { kind: 'unknown', resolve: 'look_first' },
        sent: { rows: rows.length, columns: Math.max(...rows.map((row) => row.length)) },
      });
    },
    async readColumn({ columnIndex, fromRow = 2, ...target }) {
      const column = columnLetters(columnIndex);
      const range = rangeOf(target.sheetName, `${column}${fromRow}:${column}`);
      const params = { spreadsheetId: target.spreadsheetId, range, ...READ_COLUMN };
      return run({
        operation: 'google_sheets.read_column',
        target,
        call: (api, callOptions) => api.values.get(params, callOptions),
        answer: firstLineSchema,
        sent: { range },
      });
    },
    async readHeader(target) {
      const range = rangeOf(target.sheetName, '1:1');
      const params = { spreadsheetId: target.spreadsheetId, range };
      return run({
        operation: 'google_sheets.read_header',
        target,
        call: (api, callOptions) => api.values.get(params, callOptions),
        answer: firstLineSchema,
      });
    },
    async writeHeader({ header, ...target }) {
      const range = rangeOf(target.sheetName, 'A1');
      const requestBody = { values: [header.map(fitCell)] };
      const { spreadsheetId } = target;
      const params = { spreadsheetId, range, valueInputOption: 'RAW', requestBody };
      // Written twice it is the same header, so an unanswered call is just made again.
      return run({
        operation: 'google_sheets.write_header',
        target,
        call: (api, callOptions) => api.values.update(params, callOptions),
        answer: z.object({}).transform(() => null),
        sent: { header },
      });
    },
    async getSpreadsheet(target) {
      const params = { spreadsheetId: target.spreadsheetId, fields: SPREADSHEET_FIELDS };
      return run({
        operation: 'google_sheets.get_spreadsheet',
        target,
        call: (api, callOptions) => api.get(params, callOptions),
        answer: spreadsheetSchema,
      });
    },
    close: () => http.close(),
  };
}

// USER_ENTERED would run "=…" and mangle "+1555…" and "007"; without INSERT_ROWS two appends at
// a time may write to the same rows.
const APPEND = { valueInputOption: 'RAW', insertDataOption: 'INSERT_ROWS' };
const READ_COLUMN = { majorDimension: 'COLUMNS', valueRenderOption: 'UNFORMATTED_VALUE' };
const SPREADSHEET_FIELDS =
  'spreadsheetId,properties.title,sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))';
