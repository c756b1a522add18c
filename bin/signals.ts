/**
 * Ctrl-C in a terminal reaches this process twice when a launcher forwards it too; within this time both
 * are the same wish. Later ones mean "now".
 */
const SAME_WISH_MS = 500;
const INTERRUPTED = 130;

export interface Interruption {
  /**
   * Aborted at the first SIGINT or SIGTERM, with the signal's name as the reason. Whoever asks for it must stop
   * soon; as long as nobody has, the first signal ends the process. A second signal ends it always.
   */
  readonly signal: () => AbortSignal;
}

/** Listens from now on. Exits with 130, as a shell reports a SIGINT. */
export function watchInterruption(process: NodeJS.Process, now: () => number): Interruption {
  const controller = new AbortController();
  let awaited = false;
  let firstAtMs: number | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (!awaited) process.exit(INTERRUPTED);
    firstAtMs ??= now();
    if (now() - firstAtMs > SAME_WISH_MS) process.exit(INTERRUPTED);
    controller.abort(name);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: () => {
      awaited = true;
      return controller.signal;
    },
  };
}
