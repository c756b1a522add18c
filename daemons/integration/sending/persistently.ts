import { setTimeout as sleep } from 'node:timers/promises';

/** After an error of our own. */
export const LATER_MS = 1_000;

/** Outlasts a short absence of the database; throws when it lasts. */
export async function persistently(act: () => Promise<void>): Promise<void> {
  for (let triesLeft = 3; ; triesLeft -= 1) {
    try {
      return await act();
    } catch (error) {
      if (triesLeft === 0) throw error;
      await sleep(LATER_MS);
    }
  }
}
