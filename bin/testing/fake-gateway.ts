import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { ERRORS, type ErrorCode } from '../../lib/core/errors.ts';

export interface SeenRequest {
  /** `GET /api/clients?limit=201` */
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly body?: unknown;
}

export type FakeHandler = (
  request: SeenRequest,
  response: ServerResponse,
) => FakeAnswer | undefined | Promise<FakeAnswer | undefined>;

export interface FakeGateway {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  stop(): Promise<void>;
}

/**
 * Answers as a gateway would, by `METHOD /path` (without the query); a handler that returns nothing has
 * answered itself. What it does not know is a 404 problem.
 */
export async function startFakeGateway(
  handlers: Readonly<Record<string, FakeHandler>>,
): Promise<FakeGateway> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const raw = await text(request);
      const line = `${request.method} ${request.url}`;
      const body: unknown = raw === '' ? undefined : JSON.parse(raw);
      const entry = { line, headers: request.headers, body };
      seen.push(entry);
      const handler = handlers[line.replace(/\?.*/, '')];
      const answer = handler ? await handler(entry, response) : problemAnswer('not_found');
      if (answer === undefined) return;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function problemAnswer(code: ErrorCode, detail = 'as the test wants it'): FakeAnswer {
  const { status, title } = ERRORS[code];
  const type = `urn:leadctl:error:${code}`;
  return { status, body: { type, title, status, detail, code, request_id: 'request-of-a-test' } };
}
