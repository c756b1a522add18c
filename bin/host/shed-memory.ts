import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Stoppable } from '../../lib/core/lifecycle.ts';

/** Whoever is waiting for the start has been served by then. */
const AFTER_MS = 3_000;

/**
 * Collects once what loading the code left behind: V8 keeps the room for it, some 45 MB, for as long as a
 * process does too little to need another collection.
 */
export function shedMemoryOfStart(): Stoppable {
  const timer = setTimeout(collect, AFTER_MS);
  timer.unref();
  return {
    async stop() {
      clearTimeout(timer);
    },
  };
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof gc === 'function') gc();
}
