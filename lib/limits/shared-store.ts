import { withTimeout } from '../core/timeout.ts';
import type { Outage } from './outage.ts';
import type { CountStore } from './store.ts';

/** What the store of all processes answers; undefined while it does not. */
export type AskStore = <T>(work: (store: CountStore) => Promise<T>) => Promise<T | undefined>;

const TIMEOUT_MS = 500;

/** For those who wait for the answer: not long, and not at all right after the store failed. */
export function askingStore(store: CountStore, outage: Outage): AskStore {
  return async (work) => {
    if (outage.isFresh()) return undefined;
    try {
      const answer = await withTimeout(work(store), TIMEOUT_MS, 'the store of limits');
      outage.answered();
      return answer;
    } catch (error) {
      outage.failed(error);
      return undefined;
    }
  };
}
