/** What became of one item: its result, or that there was no room to wait. */
export type Submitted<R> = { kind: 'done'; result: R } | { kind: 'overloaded' };

export interface MicroBatcher<T, R> {
  /** Rejects with whatever `run` rejects with, for this item alone. */
  submit(item: T): Promise<Submitted<R>>;
  /** Resolves when all that was submitted has settled. */
  drain(): Promise<void>;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (outcome: Submitted<R>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets concurrent callers share a commit: whatever waits goes out together, `maxInFlight` runs at a
 * time and with no artificial delay, so that a lone item is not held up and a crowd fills the batches.
 * A run that fails is repeated item by item: one bad row never fails its neighbours.
 */
export function createMicroBatcher<T, R>(options: {
  readonly run: (items: readonly T[]) => Promise<readonly R[]>;
  readonly maxInFlight: number;
  /**
   * Beside a run that is younger than this none is begun: what comes meanwhile goes together when it
   * ends, and one that is held up holds up nobody for longer. None unless told.
   */
  readonly patienceMs?: number;
  readonly maxBatch: number;
  readonly maxQueue: number;
  /** Is this an error of one row (bad data, a deadlock), worth trying the rows alone for? */
  readonly isRowError: (error: unknown) => boolean;
}): MicroBatcher<T, R> {
  const queue: Waiting<T, R>[] = [];
  const idle: (() => void)[] = [];
  let inFlight = 0;
  let isScheduled = false;
  let lastStartAtMs = Number.NEGATIVE_INFINITY;
  let waiting: NodeJS.Timeout | undefined;

  /** How long the run under way may keep others from beginning. */
  const patienceLeftMs = (): number =>
    inFlight === 0 ? 0 : lastStartAtMs + (options.patienceMs ?? 0) - performance.now();

  const schedule = (): void => {
    if (isScheduled || inFlight >= options.maxInFlight || queue.length === 0) return;
    const leftMs = patienceLeftMs();
    if (leftMs > 0) {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        schedule();
      }, leftMs);
      return;
    }
    isScheduled = true;
    // After this turn's reads: requests that arrived together go together.
    setImmediate(() => {
      isScheduled = false;
      while (inFlight < options.maxInFlight && queue.length > 0 && patienceLeftMs() <= 0) {
        void flush(queue.splice(0, options.maxBatch));
      }
      schedule();
    });
  };

  const flush = async (batch: readonly Waiting<T, R>[]): Promise<void> => {
    inFlight += 1;
    lastStartAtMs = performance.now();
    await runBatch(batch);
    inFlight -= 1;
    schedule();
    if (inFlight === 0 && queue.length === 0) for (const wake of idle.splice(0)) wake();
  };

  const runBatch = async (batch: readonly Waiting<T, R>[]): Promise<void> => {
    try {
      const results = await options.run(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index];
        if (result === undefined)
          reject(new Error('the batch answered for fewer items than it got'));
        else resolve({ kind: 'done', result });
      }
    } catch (error) {
      if (batch.length > 1 && options.isRowError(error)) {
        for (const waiting of batch) await runBatch([waiting]);
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  };

  return {
    submit(item) {
      if (queue.length >= options.maxQueue) return Promise.resolve({ kind: 'overloaded' });
      return new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject });
        schedule();
      });
    },
    drain() {
      if (inFlight === 0 && queue.length === 0) return Promise.resolve();
      return new Promise((resolve) => idle.push(resolve));
    },
  };
}
