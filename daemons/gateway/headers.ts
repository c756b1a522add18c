import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from '../../lib/http/request.ts';
import { IDENTITY_HEADER } from '../../lib/identity/seal.ts';

/** Meant for one connection, never for the next (RFC 9110, 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
]);

/**
 * Makes the request one of the gateway's own: what the caller claimed about itself is replaced,
 * what was for this connection only (its own list in `Connection` included) goes first, so that
 * the list cannot name what the gateway adds.
 */
export function rewriteHeaders(ctx: Context, vouched: { ip: string; seal: string }): void {
  const { headers } = ctx.req;
  for (const name of namedByConnection(headers)) delete headers[name];
  delete headers.authorization;
  headers[IDENTITY_HEADER] = vouched.seal;
  headers['x-forwarded-for'] = vouched.ip;
  headers['x-request-id'] = ctx.state.requestId;
  headers['traceparent'] = ctx.state.traceparent;
}

/** The headers that go on to the next connection. */
export function passOn(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name)) passed[name] = value;
  }
  return passed;
}

/** The body's own length and type stay: without them it could not be read. */
const NEEDED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
]);

function namedByConnection(headers: IncomingHttpHeaders): string[] {
  if (headers.connection === undefined) return [];
  return headers.connection
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => !NEEDED.has(name));
}
