import type { Stoppable } from '../../../lib/core/lifecycle.ts';
import { withTimeout } from '../../../lib/core/timeout.ts';

export interface OwnLanes extends Stoppable {
  /** Works the lane at once in this process; false when as many as can be are under way. */
  take(laneKey: string): boolean;
}

/** As many as one lead mostly wakes; of a crowd the others go to whichever process is free. */
const MOST_AT_A_TIME = 2;
/** Longer than a lane's turn, and so only for one that hangs. */
const TIMEOUT_MS = 60_000;
/** How long stopping waits; leases end by themselves. */
const STOP_MS = 7_000;

/**
 * Lanes that this process works without asking anybody: between a committed lead and its call lies no job.
 * The lane's own lease says who may, so that it does not matter who else was woken for it.
 */
export function createOwnLanes(deps: {
  readonly work: (laneKey: string, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
}): OwnLanes {
  const running = new Map<string, Promise<void>>();
  /** Woken while they were worked on: looked at once more, since nobody says how far the look had come. */
  const again = new Set<string>();
  const stopping = new AbortController();

  const workOn = async (laneKey: string): Promise<void> => {
    do {
      again.delete(laneKey);
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      await deps.work(laneKey, signal).catch(deps.onError);
    } while (again.has(laneKey) && !stopping.signal.aborted);
    running.delete(laneKey);
  };

  return {
    take(laneKey) {
      if (stopping.signal.aborted) return false;
      if (running.has(laneKey)) again.add(laneKey);
      else if (running.size >= MOST_AT_A_TIME) return false;
      else running.set(laneKey, workOn(laneKey));
      return true;
    },
    async stop() {
      stopping.abort();
      const ended = Promise.all(running.values());
      await withTimeout(ended, STOP_MS, 'lanes').catch(deps.onError);
    },
  };
}
