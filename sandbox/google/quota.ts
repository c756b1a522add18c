import type { Clock } from '../../lib/core/clock.ts';
import { createBoundedMap } from '../bounded.ts';

const WINDOW_MS = 60_000;

/** Calls a user may make within a minute, counted from the first one in it. */
export interface MinuteQuota {
  /** Undefined switches it off. */
  setLimit(perMinute: number | undefined): void;
  limit(): number | undefined;
  /** Counts one call; false when it is one too many. */
  spend(user: string): boolean;
}

export function createMinuteQuota(deps: { clock: Clock }): MinuteQuota {
  const windows = createBoundedMap<{ startedAtMs: number; count: number }>(10_000);
  let perMinute: number | undefined;
  return {
    setLimit(limit) {
      perMinute = limit;
      windows.clear();
    },
    limit: () => perMinute,
    spend(user) {
      if (perMinute === undefined) return true;
      const nowMs = deps.clock().getTime();
      const current = windows.get(user);
      if (current === undefined || nowMs - current.startedAtMs >= WINDOW_MS) {
        windows.set(user, { startedAtMs: nowMs, count: 1 });
        return true;
      }
      current.count += 1;
      return current.count <= perMinute;
    },
  };
}
