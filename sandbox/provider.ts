import type { ProviderReply } from './reply.ts';
import { Router } from '@koa/router';
import { isFailure } from '../lib/core/errors.ts';
import { readBytes } from '../lib/http/body.ts';
import type { Context, RequestState } from '../lib/http/request.ts';
import type { FaultStore, Operation, Provider } from './faults/faults.ts';
import { performFault, type Refusal } from './faults/perform.ts';
import { maskAuthorization, type RequestLog } from './request-log.ts';
import type { Logger } from '../lib/telemetry/log.ts';

/** What a provider's endpoint is told of the request. */
export interface ProviderCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The bearer token, or undefined. */
  readonly bearer: string | undefined;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Scheme and host the caller used, for links back here. */
  readonly origin: string;
}

/** What the call is, for faults and the log; the path alone does not always tell (a Graph node id). */
export interface Classified {
  readonly operation: Operation;
  readonly provider?: Provider;
}

export interface ProviderEndpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A @koa/router path. */
  readonly path: string;
  readonly provider: Provider;
  readonly operation: Operation;
  /** Where the operation depends on the call. */
  readonly classify?: (call: ProviderCall) => Classified;
  /** The path parameter that names what is acted on: a fault may be limited to it. */
  readonly subject?: string;
  /** Words errors where the provider's usual way is not this endpoint's. */
  readonly refuse?: (refusal: Refusal) => ProviderReply;
  /** A path that only looks like this endpoint's goes on to the next one. */
  readonly accepts?: (params: Readonly<Record<string, string>>) => boolean;
  readonly handle: (call: ProviderCall) => ProviderReply | Promise<ProviderReply>;
}

export interface ProviderDeps {
  readonly log: Logger;
  readonly faults: FaultStore;
  readonly requests: RequestLog;
  readonly maxProviderBodyBytes: number;
  /** Aborts when the daemon stops: nothing may hang longer. */
  readonly stopping: AbortSignal;
  /** How a provider words an error: faults, oversized bodies and surprises. */
  readonly refuse: Readonly<Record<Provider, (refusal: Refusal) => ProviderReply>>;
}

/** Serves a provider's endpoints: each call is recorded, may meet a fault, and is answered in its words. */
export function providerRouter(
  endpoints: readonly ProviderEndpoint[],
  deps: ProviderDeps,
): Router<RequestState> {
  const router = new Router<RequestState>();
  for (const endpoint of endpoints) {
    router.register(endpoint.path, [endpoint.method], async (ctx, next) => {
      const params: Record<string, string> = ctx.params;
      if (endpoint.accepts && !endpoint.accepts(params)) {
        await next();
        return;
      }
      ctx.state.routePath = endpoint.path;
      await serve(ctx, endpoint, params, deps);
    });
  }
  return router;
}

async function serve(
  ctx: Context,
  endpoint: ProviderEndpoint,
  params: Readonly<Record<string, string>>,
  deps: ProviderDeps,
): Promise<void> {
  const gone = new AbortController();
  ctx.res.once('close', () => gone.abort());
  const bytes = await readBytes(ctx.req, deps.maxProviderBodyBytes);
  const call = callOf(ctx, params, isFailure(bytes) ? Buffer.alloc(0) : bytes);
  const { operation, provider = endpoint.provider } = endpoint.classify?.(call) ?? endpoint;
  const refuse = endpoint.refuse ?? deps.refuse[provider];
  const subject = endpoint.subject === undefined ? undefined : params[endpoint.subject];
  const fault = deps.faults.take({ provider, operation, subject });
  const entry = deps.requests.open({
    provider,
    operation,
    subject,
    method: ctx.method,
    path: ctx.path,
    auth: maskAuthorization(call.bearer ?? call.query.get('access_token') ?? undefined),
    fault: fault?.id,
  });
  const work = async (): Promise<ProviderReply> => {
    if (isFailure(bytes)) return refuse({ status: 413, message: bytes.detail });
    try {
      return await endpoint.handle(call);
    } catch (error) {
      deps.log.error({ err: error, provider, operation }, 'the emulated provider failed');
      return refuse({ status: 500 });
    }
  };
  const stop = AbortSignal.any([gone.signal, deps.stopping]);
  const reply = await performFault(fault, { work, refuse, signal: stop });
  if (reply === 'reset') ctx.req.socket.destroy();
  else send(ctx, reply);
  entry.close(reply === 'reset' || gone.signal.aborted ? null : reply.status);
}

function callOf(
  ctx: Context,
  params: Readonly<Record<string, string>>,
  body: Buffer,
): ProviderCall {
  const authorization = ctx.get('authorization');
  return {
    params,
    query: new URLSearchParams(ctx.querystring),
    bearer: /^(?:bearer|oauth) +(\S+)$/i.exec(authorization)?.[1],
    contentType: ctx.get('content-type'),
    headers: Object.fromEntries(
      Object.entries(ctx.headers).map(([name, value]) => [name, String(value)]),
    ),
    body,
    origin: `${ctx.protocol}://${ctx.host}`,
  };
}

function send(ctx: Context, reply: ProviderReply): void {
  ctx.status = reply.status;
  for (const [name, value] of Object.entries(reply.headers ?? {})) ctx.set(name, value);
  const isText = 'text' in reply;
  ctx.body = isText ? reply.text : JSON.stringify(reply.body);
  ctx.set('Content-Type', `${isText ? 'text/plain' : 'application/json'}; charset=UTF-8`);
}
