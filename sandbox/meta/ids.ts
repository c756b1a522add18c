import type { Clock } from '../../lib/core/clock.ts';

/**
 * Ids as Meta makes them: decimal, and well beyond 2^53, where neighbours collapse into one JavaScript
 * number. Taken from the clock, so that a restarted sandbox does not hand out the same ones again.
 */
export function createIdSource(deps: { clock: Clock }): () => string {
  let last = 0n;
  return () => {
    const fromClock = BigInt(deps.clock().getTime()) * 100_000n + 1n;
    last = fromClock > last ? fromClock : last + 1n;
    return last.toString();
  };
}
