import type { BenchOptions, Figure } from './bench.ts';
import { median } from './harness.ts';
import { ROOT, withPlatform, type Platform } from './platform.ts';

/** Room for every daemon of one platform beside another's. */
const PORTS_A_PLATFORM = 20;

/** This checkout's platform, and beside it that of the checkout which `against` names. */
export async function withSides<T>(
  { against }: BenchOptions,
  { portBase, nodeOptions }: { portBase: number; nodeOptions?: string },
  work: (now: Platform, before: Platform | undefined) => Promise<T>,
): Promise<T> {
  return withPlatform({ root: ROOT, portBase, nodeOptions: nodeOptions ?? '' }, (now) =>
    against === undefined
      ? work(now, undefined)
      : withPlatform({ root: against, portBase: portBase + PORTS_A_PLATFORM }, (before) =>
          work(now, before),
        ),
  );
}

export const ofRounds = (name: string, unit: string, rounds: readonly number[]): Figure => ({
  name,
  unit,
  value: median(rounds),
  rounds,
});
