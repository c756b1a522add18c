import type { Failure } from '../core/errors.ts';
import type { Limits } from '../limits/limits.ts';
import { tooMany, type LimitPolicy } from '../limits/verdict.ts';

/** How often somebody may do something that costs others; all processes on one store share it. */
export interface Budget {
  /** Takes one of the key's; the failure, saying when to come back, when there is none left. */
  take(key: string): Promise<Failure | undefined>;
}

/** `what` there were too many of, e.g. `registrations from this address`. */
export function createBudget(
  limits: Pick<Limits, 'strictLimiter'>,
  { what, ...policy }: LimitPolicy & { readonly what: string },
): Budget {
  const limiter = limits.strictLimiter(policy);
  return {
    async take(key) {
      const verdict = await limiter.take(key);
      return verdict.isAllowed ? undefined : tooMany(verdict, `Too many ${what}`);
    },
  };
}
