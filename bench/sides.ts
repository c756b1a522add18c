import type { BenchOptions, Figure } from './bench.ts';
import { median } from './harness.ts';
import { ROOT, withPlatform, type Platform } from './platform.ts';

/** Room for every daemon of one platform beside another's. */
const PORTS_A_PLATFORM = 20;

interface SidesOptions {
  readonly portBase: number;
  readonly nodeOptions?: string;
  /** Of this checkout's alone. */
  readonly countsStatements?: boolean;
}

/** This checkout's platform, and beside it that of the checkout which `against` names. */
export async function withSides<T>(
  { against }: BenchOptions,
  { portBase, nodeOptions = '', countsStatements = false }: SidesOptions,
  work: (now: Platform, before: Platform | undefined) => Promise<T>,
): Promise<T> {
  const own = { root: ROOT, portBase, nodeOptions, countsStatements };
  return withPlatform(own, (now) =>
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
