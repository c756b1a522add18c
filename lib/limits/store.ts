import type { Stoppable } from '../core/lifecycle.ts';

/** Where one counter stands, as the store that all processes share has it. */
export interface Standing {
  readonly points: number;
  /** Until the counter begins anew. */
  readonly msLeft: number;
}

export interface Addition {
  readonly key: string;
  readonly points: number;
  /** How long a counter lasts that this addition begins, in whole seconds. */
  readonly windowSeconds: number;
}

/** Counters that end by themselves. Every store keeps to the same suite, `stores/conformance.test.ts`. */
export interface CountStore extends Stoppable {
  /** Adds to counters, none named twice; where they stand then, in the same order. */
  add(additions: readonly Addition[]): Promise<readonly Standing[]>;
  /** Undefined for a counter that does not exist or is over. */
  read(key: string): Promise<Standing | undefined>;
  remove(key: string): Promise<void>;
  /** Forgets counters that are over, in stores that do not do so by themselves. */
  prune(): Promise<void>;
}
