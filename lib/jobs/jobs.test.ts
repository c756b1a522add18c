import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../core/clock.ts';
import { createNotificationHub, type NotificationHub } from '../db/notifications.ts';
import { createLogger } from '../telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { defineJob, type JobHandler } from './job.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { JOB_STORES, type JobStore, type JobStoreServer } from './testing.ts';

const data = z.object({ id: z.string(), part: z.int().default(0) });
const work = defineJob({ name: 'test.work', data, timeoutMs: 2_000, concurrency: 4 });
const daily = defineJob({ name: 'test.daily', data: z.object({}), timeoutMs: 500, concurrency: 1 });
const DAY_MS = 86_400_000;
/** A loaded machine may take its time; what is lost never comes. */
const SOON = { interval: 5, timeout: 9_000 };
/** How long the store is away; a minute where LEADCTL_AWAY_MS says so (.ci/run). */
const AWAY_MS = Number(env['LEADCTL_AWAY_MS'] ?? 3_000);
const log = createLogger({ service: 'test', version: 'test', level: 'silent' });

let database: TestDatabase;
let hub: NotificationHub;
let server: JobStoreServer;
let store: JobStore;
const started: Jobs[] = [];

function create(): Jobs {
  const jobs = createJobs({
    jobsUrl: store.jobsUrl,
    databaseUrl: database.url,
    hub,
    log,
    clock: systemClock,
    keepRecurringMs: 200,
  });
  started.push(jobs);
  return jobs;
}

async function process(handler: JobHandler<typeof data>): Promise<Jobs> {
  const jobs = create();
  jobs.handle(work, handler);
  expect(await jobs.start()).toBe('started');
  return jobs;
}

/** Two processes that do the daily job; what either of them ran. */
async function twoProcesses(): Promise<{ runs: () => number }> {
  let runs = 0;
  const both = [create(), create()];
  for (const jobs of both) {
    jobs.handle(daily, async () => {
      runs += 1;
    });
    jobs.every(daily, DAY_MS, {});
  }
  await Promise.all(both.map((jobs) => jobs.start()));
  return { runs: () => runs };
}

describe.each(JOB_STORES)('on $name', ({ isHere, start }) => {
  describe.runIf(isHere)('jobs', () => {
    beforeAll(async () => {
      server = await start();
    }, 30_000);

    afterAll(() => server.stop());

    beforeEach(async () => {
      database = await createTestDatabase();
      store = await server.open(database);
      hub = await createNotificationHub({
        url: database.url,
        role: 'leadctl_worker',
        applicationName: 'test',
        log,
      });
    });

    afterEach(async () => {
      for (const jobs of started.splice(0)) await jobs.stop();
      await hub.stop();
      await store.stop();
      await database.drop();
    });

    test('run when woken, with their data, and leave no row behind', async () => {
      const seen: unknown[] = [];
      const jobs = await process(async (given) => void seen.push(given));
      await jobs.wake(work, { part: 7, id: 'a' });
      await expect.poll(() => seen, SOON).toEqual([{ id: 'a', part: 7 }]);
      await expect.poll(() => store.rows(), SOON).toEqual([]);
    });

    test('are one for all wake-ups that come before it runs', async () => {
      let runs = 0;
      let isLast = false;
      const jobs = await process(async ({ part }) => {
        runs += 1;
        isLast ||= part === 1;
      });
      await Promise.all(Array.from({ length: 200 }, () => jobs.wake(work, { id: 'a' })));
      await expect.poll(() => runs, SOON).toBeGreaterThan(0);
      await jobs.wake(work, { id: 'a', part: 1 });
      await expect.poll(() => isLast, SOON).toBe(true);
      expect(runs).toBeLessThan(10);
    });

    test('run once more for a wake-up that comes while they run', async () => {
      let runs = 0;
      const goOn = Promise.withResolvers<void>();
      const jobs = await process(async () => {
        runs += 1;
        await goOn.promise;
      });
      await jobs.wake(work, { id: 'a' });
      await expect.poll(() => runs, SOON).toBe(1);
      await jobs.wake(work, { id: 'a' });
      goOn.resolve();
      await expect.poll(() => runs, SOON).toBe(2);
    });

    test('run in one process each', async () => {
      const ran: string[] = [];
      const first = await process(async ({ id }) => void ran.push(id));
      await process(async ({ id }) => void ran.push(id));
      for (let index = 0; index < 20; index += 1) await first.wake(work, { id: `${index}` });
      await expect.poll(() => ran.length, SOON).toBe(20);
      expect(new Set(ran).size).toBe(20);
    });

    test('that throw are removed, and keep nobody else from running', async () => {
      const ran: string[] = [];
      const jobs = await process(async ({ id }) => {
        ran.push(id);
        if (id === 'bad') throw new Error('boom');
      });
      await jobs.wake(work, { id: 'bad' });
      await jobs.wake(work, { id: 'good' });
      await expect.poll(() => ran.toSorted(), SOON).toEqual(['bad', 'good']);
      await expect.poll(() => store.rows(), SOON).toEqual([]);
    });

    test('that run too long are told to end', async () => {
      const slow = defineJob({ name: 'test.slow', data, timeoutMs: 100, concurrency: 1 });
      const jobs = create();
      const ended = Promise.withResolvers<boolean>();
      jobs.handle(slow, async (_data, signal) => {
        await sleep(5_000, undefined, { signal }).catch(() => undefined);
        ended.resolve(signal.aborted);
      });
      await jobs.start();
      await jobs.wake(slow, { id: 'a' });
      expect(await ended.promise).toBe(true);
    });

    test('that are scheduled never run early', async () => {
      const ran = Promise.withResolvers<number>();
      const jobs = await process(async () => ran.resolve(Date.now()));
      const at = Date.now() + 700;
      await jobs.schedule(work, new Date(at), { id: 'a' });
      expect(await ran.promise).toBeGreaterThanOrEqual(at);
    });

    test('that run are waited for by stopping, and those that wait are handed back', async () => {
      let begun = 0;
      let ended = 0;
      const first = await process(async (_data, signal) => {
        begun += 1;
        await sleep(5_000, undefined, { signal }).catch(() => undefined);
        ended += 1;
      });
      for (let index = 0; index < 8; index += 1) await first.wake(work, { id: `${index}` });
      await expect.poll(() => begun, SOON).toBe(4);
      await first.stop();
      expect(ended).toBe(begun);
      expect((await store.rows()).filter(({ isLocked }) => isLocked)).toEqual([]);
      const ran: string[] = [];
      await process(async ({ id }) => void ran.push(id));
      await expect.poll(() => ran.length, SOON).toBe(4);
    });

    test('that recur are there once for all processes, and a later start runs nothing early', async () => {
      const { runs } = await twoProcesses();
      await expect.poll(runs, SOON).toBe(1);
      expect(await store.rows()).toMatchObject([{ name: daily.name }]);
      const later = await twoProcesses();
      await expect.poll(() => store.rows(), SOON).toHaveLength(1);
      expect(later.runs()).toBe(0);
    });

    test('that recur come back when the store lost them, and others go on', async () => {
      const { runs } = await twoProcesses();
      await expect.poll(runs, SOON).toBe(1);
      await store.lose();
      await expect
        .poll(() => store.rows().catch(() => []), SOON)
        .toMatchObject([{ name: daily.name }]);
      await expect.poll(runs, SOON).toBe(2);
    }, 20_000);

    test('that recur are made though the store was away when they were asked for', async () => {
      let runs = 0;
      const jobs = create();
      jobs.handle(daily, async () => {
        runs += 1;
      });
      await jobs.start();
      store.leave();
      await expect(jobs.check()).rejects.toThrow(/./);
      jobs.every(daily, DAY_MS, {});
      store.comeBack();
      await expect.poll(() => runs, SOON).toBe(1);
      expect(await store.rows()).toMatchObject([{ name: daily.name }]);
    }, 30_000);

    test(
      'go on when the store died and came back, also those that fell due meanwhile',
      async () => {
        const ran = new Set<string>();
        const processes = [
          await process(async ({ id }) => void ran.add(id)),
          await process(async ({ id }) => void ran.add(id)),
        ];
        await processes[0]?.schedule(work, new Date(Date.now() + 1_500), { id: 'waited' });
        store.leave();
        for (const jobs of processes) await expect(jobs.check()).rejects.toThrow(/./);
        await expect(processes[1]?.wake(work, { id: 'lost' })).rejects.toThrow(/./);
        await sleep(AWAY_MS);
        store.comeBack();
        await expect
          .poll(() => Promise.all(processes.map((jobs) => jobs.check())), SOON)
          .toEqual([undefined, undefined]);
        await processes[1]?.wake(work, { id: 'came' });
        // What fell due meanwhile may wait for its lock: the sweep wakes it anew, and that goes first.
        await processes[1]?.wake(work, { id: 'waited' });
        await expect.poll(() => [...ran].toSorted(), SOON).toEqual(['came', 'waited']);
      },
      90_000 + AWAY_MS,
    );
  });
});

test('jobs that cannot be reached are tried again until they are stopped, and crash nobody', async () => {
  const databaseUrl = 'postgres://nobody:nothing@127.0.0.1:1/none';
  for (const jobsUrl of [undefined, 'mongodb://127.0.0.1:1/jobs']) {
    const jobs = createJobs({
      jobsUrl,
      databaseUrl,
      hub,
      log,
      clock: systemClock,
    });
    const starting = jobs.start();
    await expect(jobs.check()).rejects.toThrow('jobs are not connected');
    await jobs.stop();
    expect(await starting).toBe('stopped');
  }
}, 20_000);
