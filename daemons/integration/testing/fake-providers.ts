import { z } from 'zod';
import {
  startFakeServer,
  type Answer,
  type Recorded,
} from '../../../lib/providers/testing/fake-server.ts';

export interface FakeMessage {
  readonly id: string;
  readonly to: string;
  readonly callbackData: string;
  readonly atMs: number;
}

/** WhatsApp, the token endpoint and one spreadsheet on one server; each does its work unless told. */
export interface FakeProviders extends AsyncDisposable {
  readonly baseUrl: string;
  readonly messages: readonly FakeMessage[];
  /** Rows of the sheet, the header first. */
  readonly rows: readonly (readonly string[])[];
  readonly appends: number;
  /** Paths that were asked for, the oldest first. */
  readonly paths: readonly string[];
  /** What the next calls answer; undefined does the work. `hang` does it and never answers. */
  onMessage(answer: (message: FakeMessage) => Answer | 'refuse' | undefined): void;
  /** Gives the only tab another title: its ranges are known under that alone. */
  renameTab(title: string): void;
  onAppend(answer: (rows: readonly (readonly string[])[]) => Answer | undefined): void;
}

const messageBody = z.object({ to: z.string(), biz_opaque_callback_data: z.string() });
const valuesBody = z.object({ values: z.array(z.array(z.string())) });

export async function startFakeProviders(): Promise<FakeProviders> {
  const server = await startFakeServer();
  const messages: FakeMessage[] = [];
  const rows: string[][] = [];
  let appends = 0;
  let tab = 'Leads';
  let answerMessage: Parameters<FakeProviders['onMessage']>[0] = () => undefined;
  let answerAppend: Parameters<FakeProviders['onAppend']>[0] = () => undefined;

  const takeMessage = ({ json }: Recorded): Answer => {
    const { to, biz_opaque_callback_data: callbackData } = messageBody.parse(json);
    const message = { id: `wamid.${messages.length}`, to, callbackData, atMs: Date.now() };
    const said = answerMessage(message);
    if (said === undefined || said === 'hang') messages.push(message);
    if (said === undefined) return { body: { messages: [{ id: message.id }] } };
    return said === 'refuse' ? { status: 400, body: REFUSED } : said;
  };

  const takeAppend = ({ json }: Recorded): Answer => {
    appends += 1;
    const { values } = valuesBody.parse(json);
    const said = answerAppend(values);
    if (said !== undefined && said !== 'hang') return said;
    const first = rows.length + 1;
    rows.push(...values);
    if (said === 'hang') return said;
    const updatedRange = `${tab}!A${first}:I${rows.length}`;
    return { body: { updates: { updatedRange, updatedRows: values.length } } };
  };

  const readRange = (range: string): Answer => {
    if (range.endsWith('1:1')) return { body: { values: rows.slice(0, 1) } };
    const [, letter = 'A'] = /!([A-Z])2/.exec(range) ?? [];
    const column = letter.codePointAt(0) ?? 65;
    return { body: { values: [rows.slice(1).map((row) => row[column - 65] ?? '')] } };
  };

  server.answer((request) => {
    const path = decodeURIComponent(request.url.pathname);
    if (path === '/token') return { body: TOKEN };
    if (path.endsWith('/messages')) return takeMessage(request);
    if (path.includes('/values/') && !path.includes(`/${tab}!`) && !path.includes(`'${tab}'!`)) {
      return { status: 400, body: NO_SUCH_RANGE };
    }
    if (path.endsWith(':append')) return takeAppend(request);
    if (path.includes('/values/') && request.method === 'PUT') {
      rows[0] = valuesBody.parse(request.json).values[0] ?? [];
      return { body: {} };
    }
    if (path.includes('/values/')) return readRange(path);
    return path.includes('/spreadsheets/') ? { body: spreadsheet(tab) } : { status: 404 };
  });

  return {
    baseUrl: server.baseUrl,
    messages,
    rows,
    get paths() {
      return server.requests.map(({ url }) => url.pathname);
    },
    get appends() {
      return appends;
    },
    onMessage(answer) {
      answerMessage = answer;
    },
    renameTab(title) {
      tab = title;
    },
    onAppend(answer) {
      answerAppend = answer;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const spreadsheet = (tab: string) => ({
  spreadsheetId: 's',
  properties: { title: 'Acme' },
  sheets: [{ properties: { title: tab } }],
});
const NO_SUCH_RANGE = {
  error: { code: 400, status: 'INVALID_ARGUMENT', message: "Unable to parse range: 'Leads'!1:1" },
};
const TOKEN = { access_token: 'ya29.token', expires_in: 3600, token_type: 'Bearer' };
const REFUSED = {
  error: { message: 'Error validating access token', type: 'OAuthException', code: 190 },
};
