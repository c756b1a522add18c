import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../core/clock.ts';
import { createNotificationHub, type NotificationHub } from '../db/notifications.ts';
import { createLogger } from '../telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { defineJob, type JobHandler } from './job.ts';
import { createJobs, type Jobs } from './jobs.ts';

const data = z.object({ id: z.string(), part: z.int().default(0) });
const work = defineJob({ name: 'test.work', data, timeoutMs: 2_000, concurrency: 4 });
/** A loaded machine may take its time; what is lost never comes. */
const SOON = { interval: 5, timeout: 4_500 };
const log = createLogger({ service: 'test', version: 'test', level: 'silent' });

let database: TestDatabase;
let owner: Pool;
let hub: NotificationHub;
const started: Jobs[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  owner = new Pool({ connectionString: database.url, max: 1 });
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
  await owner.end();
  await database.drop();
});

async function process(handler: JobHandler<typeof data>): Promise<Jobs> {
  const jobs = createJobs({ databaseUrl: database.url, hub, log, clock: systemClock });
  jobs.handle(work, handler);
  started.push(jobs);
  expect(await jobs.start()).toBe('started');
  return jobs;
}

const rows = async () =>
  (await owner.query('SELECT name, locked_at, next_run_at FROM agenda_jobs')).rows;

describe('a wake-up', () => {
  test('runs at once, with its data, and leaves no row behind', async () => {
    const seen: unknown[] = [];
    const jobs = await process(async (given) => void seen.push(given));
    const startMs = performance.now();
    await jobs.wake(work, { part: 7, id: 'a' });
    await expect.poll(() => seen, SOON).toEqual([{ id: 'a', part: 7 }]);
    expect(performance.now() - startMs).toBeLessThan(900);
    await expect.poll(rows, SOON).toEqual([]);
  });

  test('stands for all that come before it runs', async () => {
    let runs = 0;
    const jobs = await process(async () => {
      runs += 1;
    });
    await Promise.all(Array.from({ length: 200 }, () => jobs.wake(work, { id: 'a' })));
    await sleep(600);
    expect(runs).toBeGreaterThan(0);
    expect(runs).toBeLessThan(5);
  });

  test('that comes while its job runs leads to another run', async () => {
    let runs = 0;
    const jobs = await process(async () => {
      runs += 1;
      await sleep(100);
    });
    await jobs.wake(work, { id: 'a' });
    await expect.poll(() => runs, SOON).toBe(1);
    await jobs.wake(work, { id: 'a' });
    await expect.poll(() => runs, SOON).toBe(2);
  });

  test('is for one process', async () => {
    const ran: string[] = [];
    const first = await process(async ({ id }) => void ran.push(id));
    await process(async ({ id }) => void ran.push(id));
    for (let index = 0; index < 20; index += 1) await first.wake(work, { id: `${index}` });
    await expect.poll(() => ran.length, SOON).toBe(20);
    expect(new Set(ran).size).toBe(20);
  });
});

test('a job that throws is logged, removed, and keeps nobody else from running', async () => {
  const ran: string[] = [];
  const jobs = await process(async ({ id }) => {
    ran.push(id);
    if (id === 'bad') throw new Error('boom');
  });
  await jobs.wake(work, { id: 'bad' });
  await jobs.wake(work, { id: 'good' });
  await expect.poll(() => ran.toSorted(), SOON).toEqual(['bad', 'good']);
  await expect.poll(rows, SOON).toEqual([]);
});

test('a job that runs too long is told to end', async () => {
  const slow = defineJob({ name: 'test.slow', data, timeoutMs: 100, concurrency: 1 });
  const jobs = createJobs({ databaseUrl: database.url, hub, log, clock: systemClock });
  started.push(jobs);
  const ended = Promise.withResolvers<boolean>();
  jobs.handle(slow, async (_data, signal) => {
    await sleep(1_500, undefined, { signal }).catch(() => undefined);
    ended.resolve(signal.aborted);
  });
  await jobs.start();
  await jobs.wake(slow, { id: 'a' });
  expect(await ended.promise).toBe(true);
});

test('a scheduled job runs at its time', async () => {
  const ran = Promise.withResolvers<number>();
  const jobs = await process(async () => ran.resolve(Date.now()));
  const at = Date.now() + 700;
  await jobs.schedule(work, new Date(at), { id: 'a' });
  const late = (await ran.promise) - at;
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(1_500);
});

test('stopping waits for what runs and hands back what waits', async () => {
  let begun = 0;
  let ended = 0;
  const first = await process(async (_data, signal) => {
    begun += 1;
    await sleep(5_000, undefined, { signal }).catch(() => undefined);
    await sleep(50);
    ended += 1;
  });
  for (let index = 0; index < 8; index += 1) await first.wake(work, { id: `${index}` });
  await expect.poll(() => begun, SOON).toBe(4);
  await first.stop();
  expect(ended).toBe(begun);
  expect((await rows()).filter((row) => row.locked_at !== null)).toEqual([]);
  const ran: string[] = [];
  await process(async ({ id }) => void ran.push(id));
  await expect.poll(() => ran.length, SOON).toBe(4);
});

test('jobs that cannot be reached are tried again until they are stopped, and crash nobody', async () => {
  const unreachable = 'postgres://nobody:nothing@127.0.0.1:1/none';
  const jobs = createJobs({ databaseUrl: unreachable, hub, log, clock: systemClock });
  const starting = jobs.start();
  await expect(jobs.check()).rejects.toThrow('jobs are not connected');
  await jobs.stop();
  expect(await starting).toBe('stopped');
});
