import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { KnownKey } from './directory.ts';

export interface KeyLimiter {
  /** Undefined when the key may go on; counts `points` leads. */
  refuse(key: KnownKey, points: number): Promise<Failure | undefined>;
}

const WINDOW_S = 60;

/** Counts each limited key's leads in this process; nothing is written on the way of a lead. */
export function createKeyLimiter(): KeyLimiter {
  const limiters = new Map<number, RateLimiterMemory>();
  const limiterFor = (perMinute: number): RateLimiterMemory => {
    const known = limiters.get(perMinute);
    if (known) return known;
    const created = new RateLimiterMemory({ points: perMinute, duration: WINDOW_S });
    limiters.set(perMinute, created);
    return created;
  };
  return {
    async refuse(key, points) {
      if (key.rateLimitPerMinute === null) return undefined;
      if (points > key.rateLimitPerMinute) return tooManyAtOnce(key.rateLimitPerMinute, points);
      try {
        await limiterFor(key.rateLimitPerMinute).consume(key.id, points);
        return undefined;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const waitSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
        return fail(
          'rate_limited',
          `The API key may send ${key.rateLimitPerMinute} leads a minute; try again in ${waitSeconds} s.`,
          {
            retryAfterSeconds: waitSeconds,
            headers: {
              'RateLimit-Policy': `"key";q=${key.rateLimitPerMinute};w=${WINDOW_S}`,
              RateLimit: `"key";r=0;t=${waitSeconds}`,
            },
          },
        );
      }
    },
  };
}

/** No waiting would ever let these through, and trying must not use up what single leads have left. */
function tooManyAtOnce(perMinute: number, points: number): Failure {
  return fail(
    'validation_failed',
    `The API key may send ${perMinute} leads a minute; ${points} at once are too many. Send smaller batches.`,
    { errors: [{ path: 'body.leads', message: `at most ${perMinute} for this key` }] },
  );
}
