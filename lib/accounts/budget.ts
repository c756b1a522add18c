import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { fail, type Failure } from '../core/errors.ts';

/** How often somebody may do something that costs others. */
export interface Budget {
  /** Takes one of the key's; the failure, saying when to come back, when there is none left. */
  take(key: string): Promise<Failure | undefined>;
}

export interface BudgetOptions {
  /** In the RateLimit headers, e.g. `registrations`. */
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
  /** What there were too many of, e.g. `registrations from this address`. */
  readonly what: string;
}

export type CreateBudget = (options: BudgetOptions) => Budget;

/** In memory, so of one process; an entry goes when its window is over. */
export const createBudget: CreateBudget = ({ name, points, windowSeconds, what }) => {
  const limiter = new RateLimiterMemory({ keyPrefix: name, points, duration: windowSeconds });
  return {
    async take(key) {
      try {
        await limiter.consume(key);
        return undefined;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        const waitSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1_000));
        return fail('rate_limited', `Too many ${what}. Try again in ${waitSeconds} s.`, {
          retryAfterSeconds: waitSeconds,
          headers: {
            'RateLimit-Policy': `"${name}";q=${points};w=${windowSeconds}`,
            RateLimit: `"${name}";r=0;t=${waitSeconds}`,
          },
        });
      }
    },
  };
};
