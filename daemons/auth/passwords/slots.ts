import { fail, type Failure } from '../../../lib/core/errors.ts';

export interface Slots {
  /** Runs `work` when one of the slots is free; a Failure at once when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T | Failure>;
}

const RETRY_AFTER_S = 2;

/** Password hashing runs on the threads that files and name lookups need too: it may have some of them. */
export function createSlots(options: { maxRunning: number; maxWaiting: number }): Slots {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(work) {
      if (running < options.maxRunning) running += 1;
      else if (waiting.length >= options.maxWaiting) return tooBusy();
      // Whoever finishes hands the slot over, so that `running` stays as it is.
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}

function tooBusy(): Failure {
  return fail(
    'upstream_unavailable',
    'Too many passwords are being checked at this moment. Nothing was done; try again shortly.',
    { retryAfterSeconds: RETRY_AFTER_S },
  );
}
