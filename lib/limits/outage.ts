import type { Logger } from '../telemetry/log.ts';

/** Whether the shared store answers; says so once when it stops to, and once when it does again. */
export interface Outage {
  failed(error: unknown): void;
  answered(): void;
  /** True for a moment after a failure: asking again at once would only wait in vain. */
  isFresh(): boolean;
}

/** Whoever waits on the store asks it again this long after it failed. */
const ASK_AGAIN_MS = 2_000;

export function watchForOutage(log: Logger, nowMs: () => number): Outage {
  let failedAtMs: number | undefined;
  return {
    failed(error) {
      if (failedAtMs === undefined) {
        log.warn(
          { err: error },
          'the store of shared rate limits does not answer; until it does each process counts for itself',
        );
      }
      failedAtMs = nowMs();
    },
    answered() {
      if (failedAtMs === undefined) return;
      failedAtMs = undefined;
      log.info('the store of shared rate limits answers again');
    },
    isFresh: () => failedAtMs !== undefined && nowMs() - failedAtMs < ASK_AGAIN_MS,
  };
}
