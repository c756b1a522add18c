import type { ServiceName } from '../../lib/contract/route.ts';
import type { Failure } from '../../lib/core/errors.ts';
import { networkOf } from '../../lib/http/network.ts';
import type { Context } from '../../lib/http/request.ts';
import type { Limiter, Limits } from '../../lib/limits/limits.ts';
import { limitHeaders, tooMany } from '../../lib/limits/verdict.ts';

/** Each counts one request; the answer says where its limit stands. The failure when it is used up. */
export interface GatewayLimits {
  /** A public route of this service, or a page of the gateway's own, called from this address. */
  countCaller(ctx: Context, service: ServiceName, ip: string): Failure | undefined;
  /** A token that is none, from this address. */
  countWrongToken(ctx: Context, ip: string): Failure | undefined;
  countUser(ctx: Context, userId: string): Failure | undefined;
}

const WINDOW_S = 60;
/** Whatever a proxy may have written in place of an address. */
const LONGEST_ADDRESS = 64;

/**
 * Signing in, wrong tokens, and everything else that needs no token are counted apart: whoever
 * floods the one keeps nobody behind the same address from the other. Wrong API keys are counted
 * where keys are known, in the lead daemon.
 */
export function createGatewayLimits(
  limits: Limits,
  settings: { RATE_LIMIT_PER_MINUTE: number; RATE_LIMIT_ANONYMOUS_PER_MINUTE: number },
): GatewayLimits {
  const limiterOf = (name: string, points: number) =>
    limits.limiter({ name, points, windowSeconds: WINDOW_S });
  const anonymousLimiter = (name: string) =>
    limiterOf(name, settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE);
  const users = limiterOf('user', settings.RATE_LIMIT_PER_MINUTE);
  const addresses = anonymousLimiter('address');
  const signIns = anonymousLimiter('sign-in');
  const wrongTokens = anonymousLimiter('wrong-token');
  return {
    countCaller: (ctx, service, ip) =>
      count(ctx, service === 'auth' ? signIns : addresses, networkOf(ip).slice(0, LONGEST_ADDRESS)),
    countWrongToken: (ctx, ip) => count(ctx, wrongTokens, networkOf(ip).slice(0, LONGEST_ADDRESS)),
    countUser: (ctx, userId) => count(ctx, users, userId),
  };
}

function count(ctx: Context, limiter: Limiter, key: string): Failure | undefined {
  const verdict = limiter.take(key);
  ctx.set(limitHeaders(verdict));
  if (verdict.isAllowed) return undefined;
  const { name, points } = verdict.policy;
  return tooMany(verdict, `At most ${points} requests a minute (${name})`);
}
