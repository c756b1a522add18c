import { Readable } from 'node:stream';
import { Router } from '@koa/router';
import type { z } from 'zod';
import { isFailure, type Failure } from '../core/errors.ts';
import { internalPath, routerPath, type Contract, type Route } from '../contract/route.ts';
import type { BoundRoute, Call, Input, RuntimeReply } from '../contract/handler.ts';
import { anonymous } from '../identity/identity.ts';
import { refuse } from './access.ts';
import { readBody, readBytes } from './body.ts';
import { nothingAt } from './paths.ts';
import { sendFailure } from './problems.ts';
import { headerOf, type Context, type RequestState } from './request.ts';
import { validate } from './validate.ts';

export interface BindOptions {
  readonly maxBodyBytes: number;
  /** Parse answers too: always in tests and development, where a wrong shape must not pass. */
  readonly validateResponses: boolean;
}

/** A @koa/router that serves a contract: each route validated, guarded, handled, and answered by its own schemas. */
export function bind(
  contract: Contract,
  routes: readonly BoundRoute[],
  options: BindOptions,
): Router<RequestState> {
  const router = new Router<RequestState>();
  for (const bound of routes) {
    const { route } = bound;
    const path = routerPath(internalPath(contract.service, route.path));
    router.register(path, [route.method], async (ctx: Context) => {
      ctx.state.routePath = route.path;
      const reply = await serve(ctx, bound, options);
      if (isFailure(reply)) sendFailure(ctx, reply);
      else send(ctx, route, reply, options);
    });
  }
  return router;
}

async function serve(
  ctx: Context,
  { route, handle }: BoundRoute,
  options: BindOptions,
): Promise<RuntimeReply | Failure> {
  const actor = ctx.state.identity ?? anonymous;
  const pathParams: Record<string, string> = 'params' in ctx ? toStrings(ctx['params']) : {};
  const refusal = refuse(route, actor, pathParams);
  if (refusal) return refusal;

  const params = parsePart(route.params, pathParams, 'path');
  // An id that cannot exist names nothing: that is a 404, not a quarrel about its spelling.
  if (isFailure(params)) return nothingAt(ctx.path);
  const query = parsePart(route.query, ctx.query, 'query');
  if (isFailure(query)) return query;
  const headers = parsePart(route.headers, ctx.headers, 'header');
  if (isFailure(headers)) return headers;
  const body = await parseBody(ctx, route, options);
  if (isFailure(body)) return body;

  const input = {
    params,
    query,
    headers,
    body: body.value,
    bodyText: body.text,
    actor,
    call: callOf(ctx),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each part was parsed by this route's schema, the actor by refuse()
  return handle(input as Input<Route>);
}

function toStrings(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, part]) => [name, String(part)]),
  );
}

function parsePart(
  schema: z.ZodType | undefined,
  value: unknown,
  where: 'path' | 'query' | 'header',
): unknown {
  return schema === undefined ? undefined : validate(schema, value, where);
}

async function parseBody(
  ctx: Context,
  route: Route,
  options: BindOptions,
): Promise<{ value: unknown; text?: string } | Failure> {
  const maxBytes = route.maxBodyBytes ?? options.maxBodyBytes;
  if (route.body === undefined) return { value: undefined };
  if (route.body.kind === 'raw') {
    const bytes = await readBytes(ctx.req, maxBytes);
    return isFailure(bytes) ? bytes : { value: bytes };
  }
  const parsed = await readBody(ctx.req, route.body.kind, maxBytes);
  if (isFailure(parsed)) return parsed;
  const value = validate(route.body.schema, parsed.value, 'body');
  if (isFailure(value)) return value;
  return route.body.kind === 'form' ? { value, text: parsed.text } : { value };
}

function callOf(ctx: Context): Call {
  let controller: AbortController | undefined;
  return {
    requestId: ctx.state.requestId,
    traceparent: ctx.state.traceparent,
    ip: headerOf(ctx.req, 'x-forwarded-for') ?? ctx.req.socket.remoteAddress ?? '',
    headers: ctx.req.headers,
    answerWith: (headers) => ctx.set(headers),
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
