import type { AskStore } from './shared-store.ts';
import { memoryStore } from './stores/memory.ts';
import { greater } from './strict.ts';
import type { LimitPolicy, Verdict } from './verdict.ts';

/** A limit that holds exactly, however many processes there are: each asks the store before it decides. */
export interface StrictLimiter {
  /** Counts one point of the key if it still fits. */
  take(key: string): Promise<Verdict>;
}

/**
 * What this process allowed it also remembers: while the store is away it goes on with that. A point
 * that is refused is given back here, so that asking in vain prolongs nothing.
 */
export function createStrictLimiter(
  { ask, nowMs }: { ask: AskStore; nowMs: () => number },
  policy: LimitPolicy,
): StrictLimiter {
  const { name, points, windowSeconds } = policy;
  const own = memoryStore(nowMs);
  const count = async (key: string, by: 1 | -1) =>
    (await own.add([{ key, points: by, windowSeconds }]))[0];
  return {
    async take(key) {
      // Before the store is asked, so that of many at once no more go on than fit.
      const mine = await count(key, 1);
      const isOverHere = mine !== undefined && mine.points > points;
      const shared = isOverHere
        ? undefined
        : (
            await ask((store) => store.add([{ key: `${name}:${key}`, points: 1, windowSeconds }]))
          )?.[0];
      const most = greater(mine, shared);
      const used = most?.points ?? 0;
      if (used > points) await count(key, -1);
      return {
        isAllowed: used <= points,
        policy,
        remaining: Math.max(0, points - used),
        resetSeconds: Math.max(1, Math.ceil((most?.msLeft ?? 0) / 1_000)),
      };
    },
  };
}
