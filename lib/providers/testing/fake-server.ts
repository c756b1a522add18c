import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseJson } from '../../core/lossless-json.ts';

export interface Recorded {
  readonly method: string;
  /** With the query. */
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON, undefined when it is none. */
  readonly json: unknown;
}

/** What to answer; `hang` never answers, `reset` drops the connection after reading. */
export type Answer =
  | {
      readonly status?: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | 'hang'
  | 'reset';

export interface FakeServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly Recorded[];
  /** Answers every request from here on. */
  answer(with_: Answer | ((request: Recorded) => Answer)): void;
}

/** A real HTTP server on 127.0.0.1 that records what it gets and answers as it is told. */
export async function startFakeServer(): Promise<FakeServer> {
  const requests: Recorded[] = [];
  let answer: (request: Recorded) => Answer = () => ({ status: 404 });
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const recorded = await record(request);
    requests.push(recorded);
    const said = answer(recorded);
    if (said === 'reset') request.socket.destroy();
    if (said === 'hang' || said === 'reset') return;
    response.writeHead(said.status ?? 200, { 'content-type': 'application/json', ...said.headers });
    response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body ?? {}));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    requests,
    answer(with_) {
      answer = typeof with_ === 'function' ? with_ : () => with_;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<string> {
  const server = await startFakeServer();
  await server[Symbol.asyncDispose]();
  return server.baseUrl;
}

async function record(request: IncomingMessage): Promise<Recorded> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://fake');
  return { method: request.method ?? '', url, headers: request.headers, text, json: jsonOf(text) };
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
