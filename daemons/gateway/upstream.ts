import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pool, errors, type Dispatcher } from 'undici';
import { fail, type Failure } from '../../lib/core/errors.ts';
import type { RequestListener } from '../../lib/http/app.ts';

/** Where a service's requests go: a daemon of this process, or one behind a URL. */
export type UpstreamTarget =
  | { readonly kind: 'direct'; readonly listener: RequestListener }
  | { readonly kind: 'http'; readonly baseUrl: string };

export interface Upstream {
  /** Hands the request over, rewritten to `path`; the failure when there was no answer to pass on. */
  forward(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<Failure | undefined>;
  stop(): Promise<void>;
}

const CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 2_000;
const ANSWER_TIMEOUT_MS = 20_000;

/** Meant for one connection, never for the next (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
]);

export function createUpstream(service: string, target: UpstreamTarget): Upstream {
  return target.kind === 'direct'
    ? directUpstream(target.listener)
    : httpUpstream(service, target.baseUrl);
}

/** The daemon answers on the very same request and response: no socket, no copy. */
function directUpstream(listener: RequestListener): Upstream {
  return {
    async forward(request, response, path) {
      request.url = path;
      listener(request, response);
      return undefined;
    },
    async stop() {},
  };
}

function httpUpstream(service: string, baseUrl: string): Upstream {
  const pool = new Pool(baseUrl, {
    connections: CONNECTIONS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    headersTimeout: ANSWER_TIMEOUT_MS,
    // A live stream may be silent for as long as its heartbeat takes.
    bodyTimeout: 60_000,
  });
  return {
    async forward(request, response, path) {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      try {
        const answer = await pool.request({
          method: methodOf(request),
          path,
          headers: passOn(request.headers),
          body: hasBody(request) ? request : null,
          signal: gone.signal,
        });
        response.writeHead(answer.statusCode, passOn(answer.headers));
        answer.body.once('error', () => response.destroy());
        answer.body.pipe(response);
        return undefined;
      } catch (error) {
        return unavailable(service, error);
      }
    },
    stop: () => pool.close(),
  };
}

const METHODS: ReadonlyMap<string | undefined, Dispatcher.HttpMethod> = new Map(
  (['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((name) => [
    name,
    name,
  ]),
);

function methodOf(request: IncomingMessage): Dispatcher.HttpMethod {
  const method = METHODS.get(request.method);
  if (method === undefined) throw new TypeError(`no route has the method ${request.method}`);
  return method;
}

function hasBody(request: IncomingMessage): boolean {
  return 'content-length' in request.headers || 'transfer-encoding' in request.headers;
}

function passOn(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name)) passed[name] = value;
  }
  return passed;
}

function unavailable(service: string, error: unknown): Failure {
  if (error instanceof errors.HeadersTimeoutError) {
    return fail('upstream_unavailable', `The ${service} service did not answer in time.`, {
      status: 504,
      retryAfterSeconds: 5,
    });
  }
  const isUnreachable =
    error instanceof errors.ConnectTimeoutError ||
    (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED');
  return isUnreachable
    ? fail('upstream_unavailable', `The ${service} service cannot be reached.`, {
        retryAfterSeconds: 2,
      })
    : fail('upstream_unavailable', `The ${service} service broke off.`, {
        status: 502,
        retryAfterSeconds: 2,
      });
}
