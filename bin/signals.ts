import { interrupted } from './cli/failure.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * Ctrl-C in a terminal reaches this process twice when a launcher forwards it too; within this time both
 * are the same wish. Later ones mean "now".
 */
const SAME_WISH_MS = 500;

/** The part of `process` that matters here. */
export interface SignalSource {
  readonly on: (name: 'SIGINT' | 'SIGTERM', listener: () => void) => unknown;
  readonly exit: (code: number) => unknown;
}

export interface Interruption {
  /**
   * Aborted at the first SIGINT or SIGTERM, with a `CliError` for exit code 130 as the reason. Whoever asks for it must stop
   * soon; as long as nobody has, the first signal ends the process. A second signal ends it always.
   */
  readonly signal: () => AbortSignal;
}

/** Listens from now on. Exits with 130, as a shell reports a SIGINT. */
export function watchInterruption(source: SignalSource, now: () => number): Interruption {
  const controller = new AbortController();
  let awaited = false;
  let firstAtMs: number | undefined;
  const onSignal = (): void => {
    firstAtMs ??= now();
    if (!awaited || now() - firstAtMs > SAME_WISH_MS) source.exit(exitCodes.interrupted);
    else controller.abort(interrupted());
  };
  source.on('SIGINT', onSignal);
  source.on('SIGTERM', onSignal);
  return {
    signal: () => {
      awaited = true;
      return controller.signal;
    },
  };
}
