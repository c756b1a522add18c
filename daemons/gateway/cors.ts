import type { Context } from '../../lib/http/request.ts';

/**
 * Lets the script of a browser form read what the gateway itself answers: without this a browser
 * shows it a network error in place of "too many requests". A problem document tells nothing
 * secret; whether the origin may use a key is for the daemon, whose own answers say so themselves.
 */
export function showToScripts(ctx: Context): void {
  const { origin } = ctx.req.headers;
  if (origin === undefined) return;
  ctx.vary('Origin');
  ctx.set({
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id',
  });
}
