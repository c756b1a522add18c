import { LRUCache } from 'lru-cache';
import type { CountStore, Standing } from '../store.ts';

/** Past it the counters that were longest left alone are forgotten. */
const MOST_COUNTERS = 100_000;

interface Counter {
  points: number;
  readonly endsAtMs: number;
}

/** Counters of this process alone. */
export function memoryStore(nowMs: () => number = () => performance.now()): CountStore {
  const counters = new LRUCache<string, Counter>({ max: MOST_COUNTERS });
  const live = (key: string): Counter | undefined => {
    const counter = counters.get(key);
    return counter && counter.endsAtMs > nowMs() ? counter : undefined;
  };
  const standing = ({ points, endsAtMs }: Counter): Standing => ({
    points,
    msLeft: endsAtMs - nowMs(),
  });
  return {
    async add(additions) {
      return additions.map(({ key, points, windowSeconds }) => {
        const counter = live(key) ?? { points: 0, endsAtMs: nowMs() + windowSeconds * 1000 };
        counter.points += points;
        counters.set(key, counter);
        return standing(counter);
      });
    },
    async read(key) {
      const counter = live(key);
      return counter && standing(counter);
    },
    async remove(key) {
      counters.delete(key);
    },
    async prune() {},
    async stop() {
      counters.clear();
    },
  };
}
