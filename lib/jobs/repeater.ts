import { setTimeout as sleep } from 'node:timers/promises';
import type { Stoppable } from '../core/lifecycle.ts';

export interface Repeater extends Stoppable {
  start(): void;
  /** Runs at once, or once more after the run or the rest under way; any number of nudges make one run. */
  nudge(): void;
}

/** When the next run is due. */
export interface NextRun {
  /** At the latest; after `everyMs` where it is not said. */
  readonly inMs?: number | undefined;
  /** Not before, whoever nudges: so that a crowd of nudges makes few runs. */
  readonly restMs?: number;
}

/** How long stopping waits for the run under way. */
const STOP_MS = 2_000;

/** Runs `run` every so often and when nudged, one at a time; what it returns says when the next is due. */
export function createRepeater(deps: {
  readonly everyMs: number;
  readonly run: () => Promise<NextRun | undefined>;
  readonly onError: (error: unknown) => void;
}): Repeater {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let isResting = false;
  let isNudged = false;
  let isStopped = true;

  const after = (ms: number, what: () => void): void => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(what, ms);
  };

  const plan = ({ inMs = deps.everyMs, restMs = 0 }: NextRun): void => {
    isResting = restMs > 0;
    const rested = (): void => {
      isResting = false;
      if (isNudged) go();
      else after(Math.max(0, inMs - restMs), go);
    };
    if (isResting) after(restMs, rested);
    else rested();
  };

  const runOnce = async (): Promise<void> => {
    let next: NextRun | undefined;
    try {
      next = await deps.run();
    } catch (error) {
      deps.onError(error);
    }
    current = undefined;
    plan(next ?? {});
  };

  const go = (): void => {
    if (isStopped) return;
    if (current !== undefined || isResting) {
      isNudged = true;
      return;
    }
    isNudged = false;
    clearTimeout(timer);
    current = runOnce();
  };

  return {
    start() {
      isStopped = false;
      go();
    },
    nudge: go,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      // A run that waits for a store that is away is left to itself.
      if (current !== undefined)
        await Promise.race([current, sleep(STOP_MS, undefined, { ref: false })]);
    },
  };
}
