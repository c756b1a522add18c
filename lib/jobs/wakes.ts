/** How long a wake-up that this process queued stands for the ones that follow it. */
const WINDOW_MS = 200;
const MOST_REMEMBERED = 10_000;

/**
 * Which wake-ups need no row of their own. One queued here stands for all that come before it runs;
 * since another process may have run it unseen, one that came meanwhile is queued after a moment.
 */
export interface Wakes {
  /** Queues the wake-up, unless one that is still waiting stands for it. */
  wake(key: string, enqueue: () => Promise<void>): Promise<void>;
  /** Whether a run at `at` is news: none was scheduled from here that is still to come and earlier. */
  isNews(key: string, at: Date): boolean;
  /** A run of this key begins here: it sees all that was committed before. */
  started(key: string): void;
  stop(): void;
}

interface Waiting {
  isAskedAgain: boolean;
  readonly timer: NodeJS.Timeout;
}

export function createWakes(deps: { now: () => number; onError: (error: unknown) => void }): Wakes {
  const waiting = new Map<string, Waiting>();
  const scheduled = new Map<string, number>();
  let isStopped = false;

  const wake: Wakes['wake'] = async (key, enqueue) => {
    if (isStopped) return;
    const queued = waiting.get(key);
    if (queued !== undefined) {
      queued.isAskedAgain = true;
      return;
    }
    const lapse = (): void => {
      const lapsed = waiting.get(key);
      waiting.delete(key);
      if (lapsed?.isAskedAgain) wake(key, enqueue).catch(deps.onError);
    };
    waiting.set(key, { isAskedAgain: false, timer: setTimeout(lapse, WINDOW_MS) });
    await enqueue();
  };

  const forget = (key: string): void => {
    clearTimeout(waiting.get(key)?.timer);
    waiting.delete(key);
  };

  return {
    wake,
    isNews(key, at) {
      const now = deps.now();
      const known = scheduled.get(key);
      if (known !== undefined && known > now && known <= at.getTime()) return false;
      if (scheduled.size >= MOST_REMEMBERED) scheduled.clear();
      scheduled.set(key, at.getTime());
      return true;
    },
    started(key) {
      forget(key);
      scheduled.delete(key);
    },
    stop() {
      isStopped = true;
      for (const key of waiting.keys()) forget(key);
    },
  };
}
