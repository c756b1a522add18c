import type { Logger } from '../telemetry/log.ts';

const WINDOW_MS = 60_000;

/**
 * Warns of a trouble once a minute, however often it comes: a store that is away makes each look-up of
 * each kind of job fail. The next warning says how many were kept back.
 */
export function createComplaints(deps: {
  log: Logger;
  message: string;
  now: () => number;
}): (error: unknown) => void {
  let quietUntilMs = 0;
  let keptBack = 0;
  return (error) => {
    const nowMs = deps.now();
    if (nowMs < quietUntilMs) {
      keptBack += 1;
      return;
    }
    deps.log.warn({ err: error, kept_back: keptBack }, deps.message);
    quietUntilMs = nowMs + WINDOW_MS;
    keptBack = 0;
  };
}
