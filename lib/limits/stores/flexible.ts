import type { RateLimiterRes, RateLimiterStoreAbstract } from 'rate-limiter-flexible';
import type { CountStore, Standing } from '../store.ts';

/** What every limiter of the library needs to be told; how many points are too many is not its business here. */
export const COUNTING = { keyPrefix: 'leadctl-limit', points: 1, duration: 60 };

/** Counters that rate-limiter-flexible keeps in a store of its own kind, one command each. */
export function flexibleStore(
  limiter: RateLimiterStoreAbstract,
  stop: () => Promise<void>,
): CountStore {
  return {
    add: (additions) =>
      Promise.all(
        additions.map(async ({ key, points, windowSeconds }) =>
          toStanding(await limiter.penalty(key, points, { customDuration: windowSeconds })),
        ),
      ),
    async read(key) {
      const found = await limiter.get(key);
      return found === null ? undefined : toStanding(found);
    },
    async remove(key) {
      await limiter.delete(key);
    },
    async prune() {},
    stop,
  };
}

function toStanding({ consumedPoints, msBeforeNext }: RateLimiterRes): Standing {
  return { points: consumedPoints, msLeft: msBeforeNext };
}
