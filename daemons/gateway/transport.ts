import { fail } from '../../lib/core/errors.ts';
import { sendFailure } from '../../lib/http/problems.ts';
import type { Middleware } from '../../lib/http/request.ts';
import type { Proxies } from './address.ts';

/** Two answers to which host is meant are none (RFC 9112, 3.2); Node would silently take the first. */
export const oneHost: Middleware = (ctx, next) => {
  if (hostsIn(ctx.req.rawHeaders) > 1) {
    sendFailure(ctx, fail('malformed_request', 'The request has more than one Host header.'));
    return undefined;
  }
  return next();
};

function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}

const A_YEAR = 'max-age=31536000';

/** Tells browsers to come by https only, where that is how they came. */
export function strictTransport(setting: 'auto' | 'on' | 'off', proxies: Proxies): Middleware {
  return (ctx, next) => {
    if (setting === 'on' || (setting === 'auto' && proxies.isHttps(ctx.req))) {
      ctx.res.setHeader('Strict-Transport-Security', A_YEAR);
    }
    return next();
  };
}
