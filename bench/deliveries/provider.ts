import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Every provider at once, each of which takes whatever it is sent and does nothing with it. */
export interface NullProvider {
  readonly url: string;
  /** What was sent so far: messages, rows and posts. */
  taken(): number;
  /** Resolves at the next call that brings something. */
  nextCall(): Promise<void>;
  stop(): Promise<void>;
}

/** `answersAfterMs`: as long as a provider takes. */
export async function startNullProvider({ answersAfterMs = 0 } = {}): Promise<NullProvider> {
  let taken = 0;
  let waiting = Promise.withResolvers<void>();
  const headers = new Map<string, string>();
  const took = (count: number): void => {
    taken += count;
    waiting.resolve();
    waiting = Promise.withResolvers();
  };

  const answerTo = (request: IncomingMessage, body: string): string => {
    const path = request.url ?? '';
    if (path.startsWith('/token')) return TOKEN;
    if (path.includes('/messages')) {
      took(1);
      return MESSAGE;
    }
    if (path.includes(':append')) {
      const rows = body.split('],[').length;
      took(rows);
      return `{"updates":{"updatedRange":"Leads!A2:I${rows + 1}","updatedRows":${rows}}}`;
    }
    if (!path.includes('/spreadsheets/')) {
      took(1);
      return '';
    }
    const [sheet = ''] = /\/spreadsheets\/[^/?]+/.exec(path) ?? [];
    if (request.method === 'PUT') headers.set(sheet, body);
    if (!path.includes('/values/')) return SPREADSHEET;
    return request.method === 'GET' ? (headers.get(sheet) ?? '{}') : '{}';
  };

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = answerTo(request, body);
      setTimeout(() => {
        response.setHeader('content-type', 'application/json');
        response.end(answer);
      }, answersAfterMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${isPort(address) ? address.port : 0}`,
    taken: () => taken,
    nextCall: () => waiting.promise,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const isPort = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;

const TOKEN = '{"access_token":"a token","expires_in":3600,"token_type":"Bearer"}';
const MESSAGE = '{"messages":[{"id":"wamid.bench","message_status":"accepted"}]}';
const SPREADSHEET = '{"spreadsheetId":"s","sheets":[{"properties":{"title":"Leads"}}]}';
