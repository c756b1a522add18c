import { Agenda, type AgendaBackend } from 'agenda';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Stoppable } from '../core/lifecycle.ts';
import { withTimeout } from '../core/timeout.ts';
import { newId } from '../core/ids.ts';
import { createPool } from '../db/pool.ts';
import type { NotificationHub } from '../db/notifications.ts';
import type { Logger } from '../telemetry/log.ts';
import { connectBackend } from './backend.ts';
import { hubChannel } from './channel.ts';
import { createComplaints } from './complaints.ts';
import { jobKey, type JobHandler, type JobKind } from './job.ts';
import { keepRecurring, type RecurringJob } from './recurring.ts';
import { createRepeater } from './repeater.ts';
import { createRunner } from './runner.ts';
import { createWakes } from './wakes.ts';

export interface Jobs extends Stoppable {
  /** Says who does jobs of this kind; before `start`. */
  handle<D extends z.ZodType>(kind: JobKind<D>, handler: JobHandler<D>): void;
  /** Runs the job soon, in whichever process is free; many wake-ups may become one run. */
  wake<D extends z.ZodType>(kind: JobKind<D>, data: z.input<D>): Promise<void>;
  /** Runs the job at `at`, or a moment after. */
  schedule<D extends z.ZodType>(kind: JobKind<D>, at: Date, data: z.input<D>): Promise<void>;
  /**
   * Runs the job every `intervalMs`, once for all processes, and now where that is new. It is made as
   * soon as the store answers, and again whenever the store lost it.
   */
  every<D extends z.ZodType>(kind: JobKind<D>, intervalMs: number, data: z.input<D>): void;
  /** Connects, trying until it succeeds or is stopped, and begins to work. */
  start(): Promise<'started' | 'stopped'>;
  /** Rejects while jobs cannot be worked on. */
  check(): Promise<void>;
}

export interface JobsDeps {
  /** `postgres://…` or `mongodb://…`; the database itself unless told. */
  readonly jobsUrl?: string | undefined;
  readonly databaseUrl: string;
  readonly hub: NotificationHub;
  readonly log: Logger;
  readonly clock: Clock;
  /** How often lost recurring jobs are looked for; a minute unless told. */
  readonly keepRecurringMs?: number;
}

/**
 * How often Agenda looks by itself for jobs of each kind that fall due. A new one that is due before
 * the next look is announced, so this only bounds how long a lost announcement is missed.
 */
const SCAN_MS = 30_000;
/** How often the store is looked over for recurring jobs that it lost. */
const KEEP_RECURRING_MS = 60_000;
const RECONNECT_MS = 1_000;
const MOST_AT_A_TIME = 1_000;
const POOL_MAX = 4;
const UNLOCK_LOOKS = 2;
/** How long a store that does not answer may hold stopping up, each of two times. */
const STORE_MS = 2_000;
const UNLOCK_PAUSE_MS = 100;

/** Background jobs over Agenda, on PostgreSQL or MongoDB. */
export function createJobs(deps: JobsDeps): Jobs {
  const { log } = deps;
  const jobsUrl = deps.jobsUrl ?? deps.databaseUrl;
  const isElsewhere = deps.jobsUrl !== undefined && !jobsUrl.startsWith('mongodb');
  const pool = createPool(
    {
      // Elsewhere another user may be meant: the URL names it, with its own password.
      ...(isElsewhere ? { url: jobsUrl, as: 'named_user' } : { url: deps.databaseUrl }),
      role: 'leadctl_worker',
      applicationName: 'leadctl-jobs',
      max: POOL_MAX,
    },
    log,
  );
  const now = () => deps.clock().getTime();
  const onError = createComplaints({
    log,
    now,
    message: 'job upkeep failed; what is owed will be found by the next sweep',
  });
  const onUnreachable = createComplaints({
    log,
    now,
    message: 'jobs cannot be reached; trying again',
  });
  const wakes = createWakes({ now, onError });
  const runner = createRunner({ log, onStart: wakes.started });
  const name = `leadctl-${newId()}`;
  let agenda: Agenda | undefined;
  let backend: AgendaBackend | undefined;
  let isStopped = false;
  const recurring: RecurringJob[] = [];
  const keeping = createRepeater({
    everyMs: deps.keepRecurringMs ?? KEEP_RECURRING_MS,
    run: async () => {
      if (agenda === undefined || backend === undefined || recurring.length === 0) return undefined;
      try {
        await keepRecurring(recurring, { agenda, backend, pool });
        return undefined;
      } catch (error) {
        onError(error);
        return { inMs: RECONNECT_MS };
      }
    },
    onError,
  });

  const connect = async (): Promise<void> => {
    const connected = await connectBackend({ jobsUrl, pool });
    const channel = hubChannel({ hub: deps.hub, pool });
    channel.on('error', onError);
    const created = new Agenda({
      backend: connected,
      notificationChannel: channel,
      name,
      processEvery: SCAN_MS,
      maxConcurrency: MOST_AT_A_TIME,
    });
    created.on('error', onError);
    runner.define(created);
    await created.start();
    if (isStopped) return created.stop(false);
    agenda = created;
    backend = connected;
  };

  /** True as well when there is nothing more to try for. */
  const tryToConnect = async (): Promise<boolean> => {
    if (isStopped || agenda !== undefined) return true;
    try {
      await connect();
      return true;
    } catch (error) {
      if (!isStopped) onUnreachable(error);
      return isStopped;
    }
  };

  const started = (): Agenda => {
    if (agenda === undefined) throw new Error('jobs are not connected yet');
    return agenda;
  };

  return {
    handle: runner.handle,
    async wake(kind, data) {
      if (isStopped) return;
      await wakes.wake(jobKey(kind, data), async () => {
        await started().now(kind.name, data);
      });
    },
    async schedule(kind, at, data) {
      if (isStopped || !wakes.isNews(jobKey(kind, data), at)) return;
      await started().schedule(at, kind.name, data);
    },
    every(kind, intervalMs, data) {
      recurring.push({ name: kind.name, intervalMs, data });
      keeping.nudge();
    },
    async start() {
      for (let isConnected = false; !isConnected;) {
        isConnected = await tryToConnect();
        if (!isConnected) await sleep(RECONNECT_MS);
      }
      if (!isStopped) keeping.start();
      return isStopped ? 'stopped' : 'started';
    },
    async check() {
      if (agenda === undefined) throw new Error('jobs are not connected');
      await agenda.db.getQueueSize().catch((cause: unknown) => {
        // What the driver says names the server's address, and readiness is read by many.
        throw new Error('the store of jobs does not answer', { cause });
      });
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      wakes.stop();
      const ended = Promise.all([keeping.stop(), agenda?.stop(false)]);
      await withTimeout(ended, STORE_MS, 'ending with the store of jobs').catch(onError);
      await runner.stop();
      if (backend !== undefined) {
        const unlocking = unlockOwn(backend, name, runner.names());
        await withTimeout(unlocking, STORE_MS, 'handing jobs back').catch(onError);
      }
      await backend?.disconnect();
      await pool.end();
    },
  };
}

/**
 * What was locked here and not begun goes back at once, instead of when its lock would expire. A look-up
 * that was under way when Agenda stopped may lock a job a moment later, so it is looked for twice.
 */
async function unlockOwn(
  backend: AgendaBackend,
  name: string,
  names: readonly string[],
): Promise<void> {
  const { repository } = backend;
  for (let look = 0; look < UNLOCK_LOOKS; look += 1) {
    if (look > 0) await sleep(UNLOCK_PAUSE_MS);
    const { jobs } = await repository.queryJobs({ names: [...names], limit: MOST_AT_A_TIME });
    const own = jobs.filter((job) => job.lastModifiedBy === name && job.lockedAt !== undefined);
    const begun = own.filter((job) => job.nextRunAt === null).map((job) => job._id);
    const waiting = own.filter((job) => job.nextRunAt !== null).map((job) => job._id);
    if (waiting.length > 0) await repository.unlockJobs(waiting);
    if (begun.length > 0) await repository.removeJobs({ ids: begun });
  }
}
