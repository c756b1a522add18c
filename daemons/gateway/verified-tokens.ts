import { LRUCache } from 'lru-cache';
import type { Clock } from '../../lib/core/clock.ts';
import type { Context, Middleware } from '../../lib/http/request.ts';
import { readClaims, type TokenClaims } from '../../lib/identity/tokens.ts';
import { sha256Hex } from '../../lib/secrets/tokens.ts';

const MOST_TOKENS = 10_000;

/**
 * As `verify`, which leaves a token's claims in the state; one that was verified lately is known by its
 * digest until it expires. What it says of its bearer is looked at anew each time, and so is whether
 * its session goes on. Only good tokens are kept: nobody can fill this with others.
 */
export function rememberVerified(
  verify: Middleware,
  deps: { clock: Clock; tokenOf: (ctx: Context) => string | undefined },
): Middleware {
  const verified = new LRUCache<string, TokenClaims>({ max: MOST_TOKENS });
  return (ctx, next) => {
    const token = deps.tokenOf(ctx);
    if (token === undefined) return verify(ctx, next);
    const digest = sha256Hex(token);
    const known = verified.get(digest);
    if (known !== undefined && known.exp * 1000 > deps.clock().getTime()) {
      Object.assign(ctx.state, { claims: known });
      return next();
    }
    return verify(ctx, () => {
      const claims = readClaims(Reflect.get(ctx.state, 'claims'), 'access');
      if (claims !== undefined) verified.set(digest, claims);
      return next();
    });
  };
}
