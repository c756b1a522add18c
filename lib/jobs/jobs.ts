import { Agenda, type AgendaBackend } from 'agenda';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Stoppable } from '../core/lifecycle.ts';
import { newId } from '../core/ids.ts';
import { createPool } from '../db/pool.ts';
import type { NotificationHub } from '../db/notifications.ts';
import type { Logger } from '../telemetry/log.ts';
import { connectBackend } from './backend.ts';
import { hubChannel } from './channel.ts';
import { jobKey, type JobHandler, type JobKind } from './job.ts';
import { createRunner } from './runner.ts';
import { createWakes } from './wakes.ts';

export interface Jobs extends Stoppable {
  /** Says who does jobs of this kind; before `start`. */
  handle<D extends z.ZodType>(kind: JobKind<D>, handler: JobHandler<D>): void;
  /** Runs the job soon, in whichever process is free; many wake-ups may become one run. */
  wake<D extends z.ZodType>(kind: JobKind<D>, data: z.input<D>): Promise<void>;
  /** Runs the job at `at`, or a moment after. */
  schedule<D extends z.ZodType>(kind: JobKind<D>, at: Date, data: z.input<D>): Promise<void>;
  /** Runs the job now and every `intervalMs`, once for all processes. */
  every<D extends z.ZodType>(kind: JobKind<D>, intervalMs: number, data: z.input<D>): Promise<void>;
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
}

/** How often Agenda looks by itself for jobs that are due; a new one is announced at once. */
const SCAN_MS = 1_000;
const RECONNECT_MS = 1_000;
const MOST_AT_A_TIME = 1_000;
const POOL_MAX = 4;

/** Background jobs over Agenda, on PostgreSQL or MongoDB. */
export function createJobs(deps: JobsDeps): Jobs {
  const { log } = deps;
  const jobsUrl = deps.jobsUrl ?? deps.databaseUrl;
  const url = jobsUrl.startsWith('mongodb') ? deps.databaseUrl : jobsUrl;
  const pool = createPool(
    { url, role: 'leadctl_worker', applicationName: 'leadctl-jobs', max: POOL_MAX },
    log,
  );
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'job upkeep failed; what is owed will be found by the next sweep');
  const wakes = createWakes({ now: () => deps.clock().getTime(), onError });
  const runner = createRunner({ log, onStart: wakes.started });
  const name = `leadctl-${newId()}`;
  let agenda: Agenda | undefined;
  let backend: AgendaBackend | undefined;
  let isStopped = false;

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
      if (!isStopped) log.warn({ err: error }, 'jobs cannot be reached; trying again');
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
    async every(kind, intervalMs, data) {
      await started().every(intervalMs, kind.name, data);
    },
    async start() {
      for (let isConnected = false; !isConnected;) {
        isConnected = await tryToConnect();
        if (!isConnected) await sleep(RECONNECT_MS);
      }
      return isStopped ? 'stopped' : 'started';
    },
    async check() {
      if (agenda === undefined) throw new Error('jobs are not connected');
      await agenda.db.getQueueSize();
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      wakes.stop();
      await agenda?.stop(false);
      await runner.stop();
      if (backend !== undefined) await unlockOwn(backend, name, runner.names()).catch(onError);
      await backend?.disconnect();
      await pool.end();
    },
  };
}

/** What was locked here and not begun goes back at once, instead of when its lock would expire. */
async function unlockOwn(
  backend: AgendaBackend,
  name: string,
  names: readonly string[],
): Promise<void> {
  const { repository } = backend;
  const { jobs } = await repository.queryJobs({ names: [...names], limit: MOST_AT_A_TIME });
  const own = jobs.filter((job) => job.lastModifiedBy === name && job.lockedAt !== undefined);
  const begun = own.filter((job) => job.nextRunAt === null).map((job) => job._id);
  const waiting = own.filter((job) => job.nextRunAt !== null).map((job) => job._id);
  if (waiting.length > 0) await repository.unlockJobs(waiting);
  if (begun.length > 0) await repository.removeJobs({ ids: begun });
}
