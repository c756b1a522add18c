import { Readable } from 'node:stream';
import type { z } from 'zod';
import { isFailure, type Failure } from '../core/errors.ts';
import { internalPath, type Contract, type Route } from '../contract/route.ts';
import type { BoundRoute, Call, Head, Input, RuntimeReply } from '../contract/handler.ts';
import { anonymous } from '../identity/identity.ts';
import { refuse } from './access.ts';
import { discardBody, readBody, readBytes, readItems } from './body.ts';
import { sendPage, wantsPage } from './page.ts';
import { nothingAt } from './paths.ts';
import { sendFailure } from './problems.ts';
import { headerOf, type Context, type Middleware } from './request.ts';
import { routeTable, type PathParams, type TableRoute } from './route-table.ts';
import { validate } from './validate.ts';

export interface BindOptions {
  readonly maxBodyBytes: number;
  /** Parse answers too: always in tests and development, where a wrong shape must not pass. */
  readonly validateResponses: boolean;
}

/** Serves a contract: each route validated, guarded, handled, and answered by its own schemas. */
export function bind(
  contract: Contract,
  routes: readonly BoundRoute[],
  options: BindOptions,
): Middleware {
  const table = routes.map((bound): TableRoute => {
    const { route } = bound;
    return {
      path: internalPath(contract.service, route.path),
      methods: [route.method],
      async handle(ctx, params) {
        ctx.state.routePath = route.path;
        ctx.state.showsPages = route.page !== undefined && wantsPage(ctx.req.headers);
        const reply = await serve(ctx, params, bound, options);
        if (isFailure(reply)) {
          discardBody(ctx.req, maxBytesOf(route, options));
          sendFailure(ctx, reply);
        } else send(ctx, route, reply, options);
      },
    };
  });
  return routeTable(table, { sensitive: false });
}

async function serve(
  ctx: Context,
  pathParams: PathParams,
  { route, before }: BoundRoute,
  options: BindOptions,
): Promise<RuntimeReply | Failure> {
  const actor = ctx.state.identity ?? anonymous;
  const refusal = refuse(route, actor, pathParams);
  if (refusal) return refusal;

  ctx.state.clientId = pathParams['client_id'];
  ctx.state.usesApiKey = route.access === 'api_key';
  const params = parsePart(route.params, pathParams, 'path');
  // An id that cannot exist names nothing: that is a 404, not a quarrel about its spelling.
  if (isFailure(params)) return nothingAt(ctx.path);
  const head = { params, actor, call: callOf(ctx) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the path was parsed by this route's schema, the actor by refuse()
  const admission = await before(head as Head<Route>);
  if (isFailure(admission)) return admission;
  const maxBytes = Math.min(admission.maxBodyBytes ?? Infinity, maxBytesOf(route, options));
  const rest = await parseRest(ctx, route, maxBytes);
  const reply = isFailure(rest)
    ? rest
    : // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each part was parsed by this route's schema
      await admission.handle({ ...head, ...rest } as Input<Route>);
  if (isFailure(reply)) admission.onRefused?.(reply);
  return reply;
}

function maxBytesOf(route: Route, options: BindOptions): number {
  return route.maxBodyBytes ?? options.maxBodyBytes;
}

/** What is looked at only once the request is admitted. */
async function parseRest(ctx: Context, route: Route, maxBytes: number) {
  const query = route.query && validate(route.query, ctx.query, 'query');
  if (isFailure(query)) return query;
  const headers = parsePart(route.headers, ctx.headers, 'header');
  if (isFailure(headers)) return headers;
  const body = await parseBody(ctx, route, maxBytes);
  return isFailure(body) ? body : { query, headers, ...body };
}

function parsePart(
  schema: z.ZodType | undefined,
  value: unknown,
  where: 'path' | 'query' | 'header',
): unknown {
  return schema === undefined ? undefined : validate(schema, value, where);
}

async function parseBody(
  { req }: Context,
  { body: spec }: Route,
  maxBytes: number,
): Promise<{ body: unknown; sent?: unknown } | Failure> {
  if (spec === undefined) return { body: undefined };
  if (spec.kind === 'raw' || spec.kind === 'items') {
    const read = await (spec.kind === 'raw'
      ? readBytes(req, maxBytes)
      : readItems(req, spec, maxBytes));
    return isFailure(read) ? read : { body: read };
  }
  const parsed = await readBody(req, spec.kind, maxBytes);
  if (isFailure(parsed)) return parsed;
  const body = validate(spec.schema, parsed.value, 'body');
  if (isFailure(body)) return body;
  return spec.kind === 'form' ? { body, sent: parsed } : { body };
}

function callOf(ctx: Context): Call {
  let controller: AbortController | undefined;
  return {
    requestId: ctx.state.requestId,
    traceparent: ctx.state.traceparent,
    ip: headerOf(ctx.req, 'x-forwarded-for') ?? ctx.req.socket.remoteAddress ?? '',
    headers: ctx.req.headers,
    answerWith: (headers) => ctx.set(headers),
    noteClient: (clientId) => (ctx.state.clientId = clientId),
    get signal() {
      if (controller === undefined) {
        const created = new AbortController();
        ctx.res.once('close', () => created.abort());
        controller = created;
      }
      return controller.signal;
    },
  };
}

function send(ctx: Context, route: Route, reply: RuntimeReply, options: BindOptions): void {
  const spec = route.responses[reply.status];
  if (spec === undefined) {
    throw new TypeError(`${route.method} ${route.path} answered an undeclared ${reply.status}`);
  }
  ctx.status = reply.status;
  for (const [name, value] of Object.entries(reply.headers ?? {})) ctx.set(name, value);
  switch (spec.kind) {
    case 'json': {
      if (route.page !== undefined && ctx.state.showsPages) {
        sendPage(ctx, reply.status, route.page);
        return;
      }
      const body = options.validateResponses ? spec.schema.parse(reply.body) : reply.body;
      ctx.body = JSON.stringify(body);
      ctx.set('Content-Type', 'application/json; charset=utf-8');
      return;
    }
    case 'text':
      ctx.body = String(reply.body);
      ctx.set('Content-Type', 'text/plain; charset=utf-8');
      return;
    case 'events':
      ctx.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform' });
      if (reply.body instanceof Readable) ctx.body = reply.body;
      return;
    case 'empty':
      ctx.body = null;
      ctx.status = reply.status;
  }
}
