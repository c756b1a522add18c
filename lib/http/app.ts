import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa from 'koa';
import { fail } from '../core/errors.ts';
import { pairHandlers, type Handlers } from '../contract/handler.ts';
import { toOpenApi } from '../contract/openapi.ts';
import { internalPath, type Contract, type Routes } from '../contract/route.ts';
import { IDENTITY_HEADER, type IdentitySeal } from '../identity/seal.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Span, Tracing } from '../telemetry/tracing.ts';
import { logAccess } from './access-log.ts';
import { allowedMethods, type ServedRoute } from './allowed-methods.ts';
import { answerHeaders } from './answer-headers.ts';
import { bind, type BindOptions } from './bind.ts';
import { operations, type ReadinessCheck } from './operations.ts';
import { problems, sendFailure } from './problems.ts';
import { chain } from './chain.ts';
import {
  headerOf,
  requestContext,
  type Context,
  type Middleware,
  type RequestState,
} from './request.ts';

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers a request whose context is set up already: its ids, and the headers that every answer has. */
export type Serve = (ctx: Context) => Promise<void>;

/** What a daemon has for the outside: a listener for its own port, and a way in for a gateway beside it. */
export type DaemonListener = RequestListener & { readonly serve: Serve };

/** What every daemon's HTTP side needs from its composition root. */
export interface HttpDeps extends BindOptions {
  readonly version: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Not there unless a collector of traces is configured. */
  readonly tracing?: Tracing | undefined;
  readonly seal: IdentitySeal;
  /** The host's own conditions for readiness, beside the daemon's. */
  readonly hostChecks: Readonly<Record<string, ReadinessCheck>>;
}

export interface DaemonAppOptions<R extends Routes> {
  readonly contract: Contract<R>;
  readonly handlers: Handlers<Contract<R>>;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Runs after the caller is known and before the routes. */
  readonly before?: readonly Middleware[];
}

/** The Koa application of one daemon, as a plain request listener. */
export function createDaemonApp<R extends Routes>(
  deps: HttpDeps,
  options: DaemonAppOptions<R>,
): DaemonListener {
  const { contract } = options;
  const openApi = memoize(() => toOpenApi([contract], deps.version));
  const routes = [
    requireIdentity(deps.seal),
    ...(options.before ?? []),
    bind(contract, pairHandlers(contract, options.handlers), deps),
    allowedMethods(servedRoutes(contract)),
  ];
  const app = createKoa();
  app.use(requestContext);
  app.use(answerHeaders);
  app.use(observe(deps));
  app.use(problems(deps.log));
  app.use(
    operations({
      service: contract.service,
      version: deps.version,
      metrics: deps.metrics,
      checks: { ...options.checks, ...deps.hostChecks },
      openApi,
    }),
  );
  for (const middleware of routes) app.use(middleware);
  const inner = chain([observe(deps), problems(deps.log), ...routes]);
  const serve: Serve = async (ctx) => {
    await inner(ctx, async () => undefined);
  };
  return Object.assign(asListener(app), { serve });
}

function servedRoutes({ service, routes }: Contract): ServedRoute[] {
  return Object.values(routes).map(({ path, method, params }) => ({
    path: internalPath(service, path),
    methods: [method],
    params,
  }));
}

export function createKoa(): Koa<RequestState> {
  const app = new Koa<RequestState>();
  app.silent = true;
  return app;
}

export function asListener(app: Koa<RequestState>): RequestListener {
  const callback = app.callback();
  return (request, response) => void callback(request, response);
}

function memoize<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Counts, times, logs and traces each answer, once its last byte is on its way. */
export function observe(deps: Pick<HttpDeps, 'log' | 'metrics' | 'tracing'>): Middleware {
  return (ctx, next) => {
    const { method } = ctx;
    // In one process a gateway and a daemon look at one context: the daemon, who comes later, tells of it.
    const observer = Symbol(method);
    ctx.state.observer = observer;
    const span = deps.tracing?.start(method, { kind: 'server', parent: ctx.state.traceparent });
    if (span !== undefined) {
      ctx.state.traceparent = span.traceparent;
      ctx.res.setHeader('traceparent', span.traceparent);
    }
    ctx.res.once('close', () => {
      const { routePath, startedAtMs } = ctx.state;
      const durationMs = performance.now() - startedAtMs;
      deps.metrics.observeRequest(method, routePath, ctx.res.statusCode, durationMs);
      if (ctx.state.observer === observer) logAccess(deps.log, ctx, durationMs);
      if (span !== undefined) endRequest(span, ctx);
    });
    return next();
  };
}

function endRequest(span: Span, ctx: Context): void {
  const { routePath, requestId, clientId } = ctx.state;
  const { statusCode } = ctx.res;
  span.end({
    name: `${ctx.method} ${routePath}`,
    attributes: {
      'http.request.method': ctx.method,
      'http.route': routePath,
      'http.response.status_code': statusCode,
      'leadctl.request_id': requestId,
      ...(clientId === undefined ? {} : { 'leadctl.client': clientId }),
    },
    ...(statusCode >= 500 ? { error: String(statusCode) } : {}),
  });
}

function requireIdentity(seal: IdentitySeal): Middleware {
  return (ctx, next) => {
    const token = headerOf(ctx.req, IDENTITY_HEADER);
    const identity = token === undefined ? undefined : seal.open(token);
    if (identity === undefined) {
      sendFailure(
        ctx,
        fail('unauthenticated', 'Daemons answer only what comes through the gateway; call that.'),
      );
      return undefined;
    }
    ctx.state.identity = identity;
    return next();
  };
}
