import { Worker } from 'node:worker_threads';
import type { Stoppable } from '../core/lifecycle.ts';
import { withTimeout } from '../core/timeout.ts';
import { answer, type Question, type Strength } from './strength-messages.ts';

/** How hard a password is to guess. */
export interface StrengthEstimator extends Stoppable {
  /** Undefined when too many wait already, or the worker fails or takes too long. */
  estimate(password: string, guessedFirst: readonly string[]): Promise<Strength | undefined>;
}

const TIMEOUT_MS = 10_000;
const MOST_WAITING = 100;
const WORKER_HEAP_MB = 256;

interface Running {
  readonly worker: Worker;
  readonly waiting: Map<number, (strength: Strength | undefined) => void>;
}

/**
 * In a thread of its own: to load the dictionaries takes half a second and a password up to a fifth, in
 * which nothing else of the process would be answered. Begun with the first password, not before.
 */
export function createStrengthEstimator({
  script = builtIn(),
}: { script?: URL } = {}): StrengthEstimator {
  let current: Running | undefined;
  let lastId = 0;

  const begin = (): Running => {
    const worker = new Worker(script, {
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    const running: Running = { worker, waiting: new Map() };
    worker.on('message', (message: unknown) => {
      const { id, strength } = answer.parse(message);
      running.waiting.get(id)?.(strength);
    });
    const end = (): void => {
      if (current === running) current = undefined;
      for (const settle of running.waiting.values()) settle(undefined);
    };
    // The next password begins another one.
    worker.on('error', end);
    worker.on('exit', end);
    return running;
  };

  const ask = async (
    { worker, waiting }: Running,
    question: Omit<Question, 'id'>,
  ): Promise<Strength | undefined> => {
    const id = (lastId += 1);
    worker.ref();
    try {
      const answered = new Promise<Strength | undefined>((resolve) => waiting.set(id, resolve));
      worker.postMessage({ id, ...question } satisfies Question);
      return await withTimeout(answered, TIMEOUT_MS, 'the estimate of a password');
    } catch {
      await worker.terminate();
      return undefined;
    } finally {
      waiting.delete(id);
      // An idle one keeps no process from ending.
      if (waiting.size === 0) worker.unref();
    }
  };

  return {
    async estimate(password, guessedFirst) {
      current ??= begin();
      if (current.waiting.size >= MOST_WAITING) return undefined;
      return ask(current, { password, guessedFirst: [...guessedFirst] });
    },
    async stop() {
      await current?.worker.terminate();
    },
  };
}

/** Beside this file, in the sources as in what they are compiled to. */
function builtIn(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./strength-worker.${extension}`, import.meta.url);
}
