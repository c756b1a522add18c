import type { Stoppable } from '../core/lifecycle.ts';
import { withTimeout } from '../core/timeout.ts';
import type { Count } from './count.ts';
import type { Outage } from './outage.ts';
import type { CountStore } from './store.ts';

export interface Sharing extends Stoppable {
  /** The count has points that the store has not heard of; many of them when `isUrgent`. */
  changed(count: Count, isUrgent: boolean): void;
}

const ROUND_MS = 250;
const URGENT_ROUND_MS = 25;
const AFTER_FAILURE_MS = 1_000;
const ROUND_TIMEOUT_MS = 2_000;
const LAST_ROUND_TIMEOUT_MS = 500;
const PRUNE_MS = 60_000;
const MOST_COUNTS_A_ROUND = 1_000;
/** While the store is away; whatever is not told, its own process knows all the same. */
const MOST_CHANGED = 50_000;

/**
 * Tells the store what this process counted and hears where the counters stand: in the background,
 * one statement a round, one round at a time. Nobody waits for it. What could not be told stays
 * counted here and is told later.
 */
export function startSharing(deps: {
  store: CountStore;
  outage: Outage;
  nowMs: () => number;
}): Sharing {
  const { store, outage, nowMs } = deps;
  const changed = new Set<Count>();
  let isUrgentWaiting = false;
  let round: { readonly timer: NodeJS.Timeout; readonly atMs: number } | undefined;
  let running: Promise<void> | undefined;

  const schedule = (inMs: number): void => {
    if (running !== undefined) return;
    const atMs = nowMs() + inMs;
    if (round !== undefined && round.atMs <= atMs) return;
    clearTimeout(round?.timer);
    round = { atMs, timer: setTimeout(run, inMs).unref() };
  };

  const tell = async (timeoutMs: number): Promise<void> => {
    const counts = take(changed, MOST_COUNTS_A_ROUND);
    isUrgentWaiting = changed.size > 0;
    if (counts.length === 0) return;
    for (const count of counts) {
      count.telling = count.untold;
      count.untold = 0;
    }
    try {
      const additions = counts.map(({ key, telling, windowSeconds }) => ({
        key,
        points: telling,
        windowSeconds,
      }));
      const standings = await withTimeout(store.add(additions), timeoutMs, 'the store of limits');
      for (const [index, count] of counts.entries()) {
        const standing = standings[index];
        if (standing === undefined) continue;
        count.shared = standing.points;
        count.telling = 0;
        count.endsAtMs = nowMs() + standing.msLeft;
      }
      outage.answered();
    } catch (error) {
      outage.failed(error);
      for (const count of counts) {
        count.untold += count.telling;
        count.telling = 0;
        // A window that is over owes the store nothing.
        if (count.endsAtMs > nowMs() && changed.size < MOST_CHANGED) changed.add(count);
      }
      throw error;
    }
  };

  const run = (): void => {
    round = undefined;
    running = tell(ROUND_TIMEOUT_MS).then(
      () => again(isUrgentWaiting ? URGENT_ROUND_MS : ROUND_MS),
      () => again(AFTER_FAILURE_MS),
    );
  };
  const again = (inMs: number): void => {
    running = undefined;
    if (changed.size > 0) schedule(inMs);
  };

  const pruning = setInterval(() => void store.prune().catch(outage.failed), PRUNE_MS);
  pruning.unref();

  return {
    changed(count, isUrgent) {
      if (changed.size < MOST_CHANGED) changed.add(count);
      isUrgentWaiting ||= isUrgent;
      schedule(isUrgent ? URGENT_ROUND_MS : ROUND_MS);
    },
    async stop() {
      clearInterval(pruning);
      clearTimeout(round?.timer);
      await running;
      clearTimeout(round?.timer);
      // What it counts in its last moments matters to the processes that go on, but not enough to wait.
      if (!outage.isFresh()) await tell(LAST_ROUND_TIMEOUT_MS).catch(() => undefined);
      await store.stop();
    },
  };
}

function take<T>(from: Set<T>, most: number): T[] {
  const taken: T[] = [];
  for (const item of from) {
    if (taken.length === most) break;
    from.delete(item);
    taken.push(item);
  }
  return taken;
}
