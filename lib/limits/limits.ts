import { LRUCache } from 'lru-cache';
import type { Stoppable } from '../core/lifecycle.ts';
import type { Logger } from '../telemetry/log.ts';
import { newCount, pointsOf, type Count } from './count.ts';
import { watchForOutage } from './outage.ts';
import { startSharing } from './sharing.ts';
import type { CountStore } from './store.ts';
import { askingStore } from './shared-store.ts';
import { createStrictCounter, type StrictCounter } from './strict.ts';
import { createStrictLimiter, type StrictLimiter } from './strict-limiter.ts';
import type { LimitPolicy, Verdict } from './verdict.ts';

export interface Limiter {
  /**
   * Counts `cost` points of the key if all of them still fit; what is refused counts nothing. With a
   * cost of 0 only looks whether a point is left.
   */
  take(key: string, cost?: number): Verdict;
}

/** Limits that all processes on one store share. */
export interface Limits extends Stoppable {
  /** Decides at once, on what this process knows: nothing is waited for, nothing written meanwhile. */
  limiter(policy: LimitPolicy): Limiter;
  /** For what is rare and must be exact. */
  strictCounter(name: string, windowSeconds: number): StrictCounter;
  strictLimiter(policy: LimitPolicy): StrictLimiter;
}

/** Past it the keys that were longest left alone are counted anew. */
const MOST_KEYS = 50_000;
/** So large a part of a limit is not kept from the other processes for long. */
const URGENT_PART = 0.02;

/**
 * Each process counts for itself and tells the shared store a moment later; it decides on what it
 * was last told plus what it has counted since. Several processes together can thus pass a limit by
 * a few percent. When the store is away, each goes on with what it knows.
 */
export function createLimits(deps: {
  store: CountStore;
  log: Logger;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
}): Limits {
  const { store, log, nowMs = () => performance.now() } = deps;
  const outage = watchForOutage(log, nowMs);
  const counts = new LRUCache<string, Count>({ max: MOST_KEYS });
  const sharing = startSharing({ store, outage, nowMs });
  const strict = { ask: askingStore(store, outage), nowMs };

  const countOf = (key: string, { windowSeconds }: LimitPolicy): Count => {
    const known = counts.get(key);
    if (known && known.endsAtMs > nowMs()) return known;
    const fresh = newCount(key, windowSeconds, nowMs());
    counts.set(key, fresh);
    return fresh;
  };

  return {
    limiter: (policy) => ({
      take(key, cost = 1) {
        const count = countOf(`${policy.name}:${key}`, policy);
        const isAllowed = pointsOf(count) + Math.max(1, cost) <= policy.points;
        if (isAllowed && cost > 0) {
          count.untold += cost;
          sharing.changed(count, count.untold >= policy.points * URGENT_PART);
        }
        return verdictOn(policy, isAllowed, count, nowMs());
      },
    }),
    strictCounter: (name, windowSeconds) => createStrictCounter(strict, { name, windowSeconds }),
    strictLimiter: (policy) => createStrictLimiter(strict, policy),
    stop: () => sharing.stop(),
  };
}

function verdictOn(policy: LimitPolicy, isAllowed: boolean, count: Count, nowMs: number): Verdict {
  return {
    isAllowed,
    policy,
    remaining: Math.max(0, policy.points - pointsOf(count)),
    resetSeconds: Math.max(1, Math.ceil((count.endsAtMs - nowMs) / 1000)),
  };
}
