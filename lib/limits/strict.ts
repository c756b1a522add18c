import type { AskStore } from './shared-store.ts';
import type { Standing } from './store.ts';
import { memoryStore } from './stores/memory.ts';

/** A counter that every process asks before it decides: exact, at the price of waiting for the store. */
export interface StrictCounter {
  /** Null where nothing was counted. */
  get(key: string): Promise<{ consumedPoints: number; msBeforeNext: number } | null>;
  /** Counts one. */
  penalty(key: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/**
 * What a process did itself it also remembers, and the greater of both counts: when the store goes
 * away, nobody is let off what they did before.
 */
export function createStrictCounter(
  { ask, nowMs }: { ask: AskStore; nowMs: () => number },
  { name, windowSeconds }: { name: string; windowSeconds: number },
): StrictCounter {
  const own = memoryStore(nowMs);
  return {
    async get(key) {
      const [mine, shared] = await Promise.all([
        own.read(key),
        ask((store) => store.read(`${name}:${key}`)),
      ]);
      const most = greater(mine, shared);
      return most === undefined ? null : { consumedPoints: most.points, msBeforeNext: most.msLeft };
    },
    async penalty(key) {
      await own.add([{ key, points: 1, windowSeconds }]);
      await ask((store) => store.add([{ key: `${name}:${key}`, points: 1, windowSeconds }]));
    },
    async delete(key) {
      await own.remove(key);
      await ask((store) => store.remove(`${name}:${key}`));
    },
  };
}

export function greater(a: Standing | undefined, b: Standing | undefined): Standing | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.points > b.points ? a : b;
}
