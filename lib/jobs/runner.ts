import type { Agenda } from 'agenda';
import type { z } from 'zod';
import { withTimeout } from '../core/timeout.ts';
import type { Logger } from '../telemetry/log.ts';
import { jobKey, type JobHandler, type JobKind } from './job.ts';

/** A handler that ignores its signal is given up after this much more. */
const GRACE_MS = 15_000;
/** How long stopping waits for handlers. */
const STOP_MS = 7_000;
/**
 * Far above any run: a run whose lock expired would clear the lock of its successor when it ends,
 * and the job would never be picked again.
 */
const LOCK_MARGIN_MS = 120_000;

export interface Runner {
  handle<D extends z.ZodType>(kind: JobKind<D>, handler: JobHandler<D>): void;
  define(agenda: Agenda): void;
  names(): readonly string[];
  /** Tells handlers to end, and waits a bounded time for them. */
  stop(): Promise<void>;
}

type Run = (data: unknown) => Promise<void>;

/** Runs handlers so that whatever they do, Agenda sees a job that ended well and is removed. */
export function createRunner(deps: { log: Logger; onStart: (key: string) => void }): Runner {
  const kinds = new Map<string, { kind: JobKind; run: Run }>();
  const all = new Set<Promise<void>>();
  const stopping = new AbortController();

  return {
    handle(kind, handler) {
      const run: Run = async (given) => {
        deps.onStart(jobKey(kind, given));
        const data = kind.data.safeParse(given);
        if (!data.success) {
          deps.log.error({ job: kind.name }, 'a job with data that is not of its kind; dropped');
          return;
        }
        const signal = AbortSignal.any([AbortSignal.timeout(kind.timeoutMs), stopping.signal]);
        try {
          await withTimeout(handler(data.data, signal), kind.timeoutMs + GRACE_MS, kind.name);
        } catch (error) {
          deps.log.error({ err: error, job: kind.name }, 'a job failed; the next sweep repeats it');
        }
      };
      kinds.set(kind.name, { kind, run });
    },

    define(agenda) {
      for (const { kind, run } of kinds.values()) {
        const options = {
          concurrency: kind.concurrency,
          // No more than can run: one that expires while it waits here would leak its place.
          lockLimit: kind.concurrency,
          lockLifetime: kind.timeoutMs + GRACE_MS + LOCK_MARGIN_MS,
          removeOnComplete: true,
        };
        const work = async (data: unknown, done: () => void): Promise<void> => {
          const running = run(data);
          all.add(running);
          await running;
          all.delete(running);
          done();
        };
        agenda.define<unknown>(kind.name, (job, done) => void work(job.attrs.data, done), options);
      }
    },

    names: () => [...kinds.keys()],

    async stop() {
      stopping.abort();
      const ended = Promise.all(all);
      await withTimeout(ended, STOP_MS, 'jobs').catch((error: unknown) => {
        deps.log.warn({ err: error }, 'jobs still running were left; their leases expire');
      });
    },
  };
}
