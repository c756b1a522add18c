import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type Koa from 'koa';
import type { Identity } from '../identity/identity.ts';

/** What the kit knows of a request before any handler sees it. */
export interface RequestState {
  requestId: string;
  traceparent: string;
  startedAtMs: number;
  /** The contract's template, for metrics and logs; never the path with ids in it. */
  routePath: string;
  identity: Identity | undefined;
  /** A browser posted a plain form: whoever sits before it is shown a page, whatever the answer. */
  showsPages: boolean;
  /** For the access line: whose client it is about, where that is known. */
  clientId: string | undefined;
  usesApiKey: boolean;
  /** A daemon behind this process answers, and writes the line. */
  isPassedOn: boolean;
  /** Who writes the line. */
  observer: symbol | undefined;
}

export type Context = Koa.ParameterizedContext<RequestState>;
export type Middleware = Koa.Middleware<RequestState>;

const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Gives every request its id and its W3C trace context: the caller's where it sent a sane one. */
export const requestContext: Middleware = (ctx, next) => {
  const givenId = headerOf(ctx.req, 'x-request-id');
  const givenTrace = headerOf(ctx.req, 'traceparent');
  ctx.state.requestId = givenId && SANE_REQUEST_ID.test(givenId) ? givenId : randomUUID();
  ctx.state.traceparent =
    givenTrace && TRACEPARENT.test(givenTrace) ? givenTrace : newTraceparent();
  ctx.state.startedAtMs = performance.now();
  ctx.state.routePath = 'unmatched';
  ctx.state.showsPages = false;
  ctx.state.clientId = undefined;
  ctx.state.usesApiKey = false;
  ctx.state.isPassedOn = false;
  ctx.state.observer = undefined;
  ctx.res.setHeader('X-Request-Id', ctx.state.requestId);
  ctx.res.setHeader('traceparent', ctx.state.traceparent);
  return next();
};

function newTraceparent(): string {
  const hex = randomUUID().replaceAll('-', '');
  return `00-${hex}-${hex.slice(8, 24)}-00`;
}
