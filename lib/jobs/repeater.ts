import type { Stoppable } from '../core/lifecycle.ts';

export interface Repeater extends Stoppable {
  start(): void;
  /** Runs at once, or once more after the run under way; any number of nudges make one run. */
  nudge(): void;
}

/** Runs `run` every so often and when nudged, one at a time; what it returns is the wait until the next. */
export function createRepeater(deps: {
  readonly everyMs: number;
  readonly run: () => Promise<number | undefined>;
  readonly onError: (error: unknown) => void;
}): Repeater {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let isNudged = false;
  let isStopped = true;

  const plan = (inMs: number): void => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(go, inMs);
  };

  const runOnce = async (): Promise<void> => {
    let nextMs: number | undefined;
    try {
      nextMs = await deps.run();
    } catch (error) {
      deps.onError(error);
    }
    current = undefined;
    if (isNudged) go();
    else plan(nextMs ?? deps.everyMs);
  };

  const go = (): void => {
    if (isStopped) return;
    if (current !== undefined) {
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
      await current;
    },
  };
}
