import type { Stoppable } from './lifecycle.ts';

/** Work that a request starts and does not wait for. */
export interface Background extends Stoppable {
  /** False when too much is under way already; then nothing is done. */
  run(work: () => Promise<void>): boolean;
}

/** `stop` waits for what is under way; `work` must end by itself in time. */
export function createBackground(options: {
  most: number;
  onError: (error: unknown) => void;
}): Background {
  const running = new Set<Promise<void>>();
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      options.onError(error);
    }
  };
  return {
    run(work) {
      if (running.size >= options.most) return false;
      const done = guarded(work).finally(() => running.delete(done));
      running.add(done);
      return true;
    },
    async stop() {
      await Promise.all(running);
    },
  };
}
