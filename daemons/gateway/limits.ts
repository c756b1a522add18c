import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { fail, type Failure } from '../../lib/core/errors.ts';
import { networkOf } from '../../lib/http/network.ts';

export interface GatewayLimits {
  /** Counts a request of an address without an identity; the failure when it has made too many. */
  countAddress(ip: string): Promise<Failure | undefined>;
  /** The failure when an address has tried too many wrong keys; counts nothing. */
  checkAddress(ip: string): Promise<Failure | undefined>;
  countUser(userId: string): Promise<Failure | undefined>;
}

const WINDOW_S = 60;

export function createGatewayLimits(settings: {
  RATE_LIMIT_PER_MINUTE: number;
  RATE_LIMIT_ANONYMOUS_PER_MINUTE: number;
}): GatewayLimits {
  const addresses = new RateLimiterMemory({
    points: settings.RATE_LIMIT_ANONYMOUS_PER_MINUTE,
    duration: WINDOW_S,
  });
  const users = new RateLimiterMemory({
    points: settings.RATE_LIMIT_PER_MINUTE,
    duration: WINDOW_S,
  });
  return {
    countAddress: (ip) => count(addresses, 'address', networkOf(ip)),
    countUser: (userId) => count(users, 'user', userId),
    async checkAddress(ip) {
      const state = await addresses.get(networkOf(ip));
      return state !== null && state.consumedPoints > addresses.points
        ? limited('address', addresses.points, state.msBeforeNext)
        : undefined;
    },
  };
}

async function count(
  limiter: RateLimiterMemory,
  policy: string,
  key: string,
): Promise<Failure | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return limited(policy, limiter.points, error.msBeforeNext);
  }
}

function limited(policy: string, points: number, waitMs: number): Failure {
  const waitSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return fail(
    'rate_limited',
    `At most ${points} requests a minute per ${policy}; try again in ${waitSeconds} s.`,
    {
      retryAfterSeconds: waitSeconds,
      headers: {
        'RateLimit-Policy': `"${policy}";q=${points};w=${WINDOW_S}`,
        RateLimit: `"${policy}";r=0;t=${waitSeconds}`,
      },
    },
  );
}
