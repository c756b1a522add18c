import type { IncomingMessage } from 'node:http';
import { Pool, errors, type Dispatcher } from 'undici';
import { fail, type Failure } from '../../lib/core/errors.ts';
import type { Serve } from '../../lib/http/app.ts';
import { bodyTooLarge } from '../../lib/http/body.ts';
import type { Context } from '../../lib/http/request.ts';
import { boundedBody, BodyTooLarge, type BoundedBody } from './bounded-body.ts';
import { passOn } from './headers.ts';
import { createReplicas } from './replicas.ts';

/** Where a service's requests go: a daemon of this process, or one behind a URL. */
export type UpstreamTarget =
  | { readonly kind: 'direct'; readonly serve: Serve }
  | { readonly kind: 'http'; readonly baseUrl: string };

export interface Forwarding {
  /** Path and query as the daemon is to see them. */
  readonly path: string;
  /** The most that the route takes; a body sent to a route that takes none (0) is not carried along. */
  readonly maxBodyBytes: number;
  /** Live streams last: they have connections of their own, so that they never use up the others'. */
  readonly isStream: boolean;
}

export interface Upstream {
  /** Hands the request over; the failure when there was no answer to pass on. */
  forward(ctx: Context, forwarding: Forwarding): Promise<Failure | undefined>;
  stop(): Promise<void>;
}

/** Gateway and daemon listen on one response here, each for its own reasons. */
const MOST_LISTENERS = 30;
const CONNECTIONS = 64;
const STREAM_CONNECTIONS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const ANSWER_TIMEOUT_MS = 20_000;
/** A live stream may be silent for as long as its heartbeat takes. */
const BODY_TIMEOUT_MS = 60_000;

/** A daemon that has not begun to answer after `answerTimeoutMs`, waiting for a connection included, is a 504. */
export function createUpstream(
  service: string,
  target: UpstreamTarget,
  answerTimeoutMs: number = ANSWER_TIMEOUT_MS,
): Upstream {
  return target.kind === 'direct'
    ? directUpstream(service, target.serve, answerTimeoutMs)
    : httpUpstream(service, target.baseUrl, answerTimeoutMs);
}

/** The daemon answers on the very same context: no socket, no copy, and nothing set up twice. */
function directUpstream(service: string, serve: Serve, answerTimeoutMs: number): Upstream {
  return {
    forward(ctx, { path }) {
      ctx.req.url = path;
      ctx.res.setMaxListeners(MOST_LISTENERS);
      return new Promise((resolve, reject) => {
        const deadline = setTimeout(() => resolve(tooLate(service)), answerTimeoutMs);
        const answered = () => {
          clearTimeout(deadline);
          resolve(undefined);
        };
        // Nobody waits any more once the caller is gone.
        ctx.res.once('close', answered);
        serve(ctx).then(answered, reject);
      });
    },
    async stop() {},
  };
}

function httpUpstream(service: string, baseUrl: string, answerTimeoutMs: number): Upstream {
  const replicasOf = (connections: number) =>
    createReplicas({
      baseUrl,
      createPool: (origin) =>
        new Pool(origin, {
          connections,
          connectTimeout: CONNECT_TIMEOUT_MS,
          headersTimeout: 0,
          bodyTimeout: BODY_TIMEOUT_MS,
        }),
    });
  const replicas = replicasOf(CONNECTIONS);
  const streams = replicasOf(STREAM_CONNECTIONS);
  return {
    async forward(ctx, { path, maxBodyBytes, isStream }) {
      const { req: request, res: response } = ctx;
      const body = bodyOf(request, maxBodyBytes);
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const deadline = setTimeout(() => gone.abort(new TooLate()), answerTimeoutMs);
      try {
        const pool = await (isStream ? streams : replicas).next();
        const answer = await pool.request({
          method: methodOf(request),
          path,
          headers: headersOf(request, body),
          body: body?.stream ?? null,
          signal: gone.signal,
        });
        response.writeHead(answer.statusCode, passOn(answer.headers));
        // From here on the answer is the daemon's.
        ctx.respond = false;
        ctx.state.isPassedOn = true;
        // A stream's first event may be far off; its reader wants to know now that it is connected.
        if (isStream) response.flushHeaders();
        answer.body.once('error', () => response.destroy());
        answer.body.pipe(response);
        // A daemon may answer before it has all of the body; the caller may send all before it reads.
        if (body !== undefined) answer.body.once('close', body.release);
        return undefined;
      } catch (error) {
        body?.release();
        if (response.headersSent) return undefined;
        return error instanceof BodyTooLarge
          ? bodyTooLarge(maxBodyBytes)
          : unavailable(service, error);
      } finally {
        clearTimeout(deadline);
      }
    },
    async stop() {
      await Promise.all([replicas.stop(), streams.stop()]);
    },
  };
}

/** Why a request was given up; never shown. */
class TooLate extends Error {
  override readonly name = 'TooLate';
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

function bodyOf(request: IncomingMessage, maxBytes: number): BoundedBody | undefined {
  const isThere = 'content-length' in request.headers || 'transfer-encoding' in request.headers;
  return isThere && maxBytes > 0 ? boundedBody(request, maxBytes) : undefined;
}

function headersOf(
  request: IncomingMessage,
  body: BoundedBody | undefined,
): Record<string, string | string[]> {
  const headers = passOn(request.headers);
  if (body === undefined) delete headers['content-length'];
  return headers;
}

/** Nobody listens there, or the name has no address: containers that are not up yet. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

function unavailable(service: string, error: unknown): Failure {
  if (error instanceof TooLate) return tooLate(service);
  const isUnreachable =
    error instanceof errors.ConnectTimeoutError ||
    (error instanceof Error && 'code' in error && UNREACHABLE.has(String(error.code)));
  return isUnreachable
    ? fail('upstream_unavailable', `The ${service} service cannot be reached.`, {
        retryAfterSeconds: 2,
      })
    : fail('upstream_unavailable', `The ${service} service broke off.`, {
        status: 502,
        retryAfterSeconds: 2,
      });
}

function tooLate(service: string): Failure {
  return fail('upstream_unavailable', `The ${service} service did not answer in time.`, {
    status: 504,
    retryAfterSeconds: 5,
  });
}
