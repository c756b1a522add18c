import { expect, test } from 'vitest';
import { isFailure } from '../core/errors.ts';
import { createLogger } from '../telemetry/log.ts';
import { createTrustedCache } from './trusted-cache.ts';

const log = createLogger({ service: 'gateway', version: 'test', level: 'silent' });

/** A cache whose loads answer with their own number, a clock and a hub that go as they are told. */
function aCache(given: { mostEntries?: number } = {}) {
  const time = { nowMs: 1_000_000, silentMs: 0 };
  const loads: string[] = [];
  let gate: Promise<void> = Promise.resolve();
  let isBroken = false;
  const cache = createTrustedCache<number>(
    {
      hub: { lastAliveAtMs: () => time.nowMs - time.silentMs },
      clock: () => new Date(time.nowMs),
      log,
      trustMs: 30_000,
      mostEntries: given.mostEntries ?? 100,
    },
    async (key) => {
      loads.push(key);
      const number = loads.length;
      await gate;
      if (isBroken) throw new Error('the database is away');
      return number;
    },
  );
  return {
    cache,
    time,
    loads,
    take: async (key = 'ada') => {
      const taken = await cache.take(key);
      return isFailure(taken) ? taken.code : taken.value;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    breakDown: () => {
      isBroken = true;
    },
  };
}

test('while announcements are heard, a value is loaded anew after 30 s', async () => {
  const { take, time } = aCache();
  expect(await take()).toBe(1);
  time.nowMs += 29_999;
  expect(await take()).toBe(1);
  time.nowMs += 1;
  expect(await take()).toBe(2);
});

test('while they are not, after 1 s', async () => {
  const { take, time } = aCache();
  time.silentMs = 5_000;
  expect(await take()).toBe(1);
  time.nowMs += 999;
  expect(await take()).toBe(1);
  time.nowMs += 1;
  expect(await take()).toBe(2);
});

test('a load that began before a change is neither kept nor joined after it', async () => {
  const { cache, take, hold, loads } = aCache();
  const release = hold();
  const early = take();
  cache.clear();
  const late = take();
  release();
  expect([await early, await late]).toEqual([1, 2]);
  expect(await take()).toBe(2);
  expect(loads).toHaveLength(2);
});

test('the oldest gives way when there are too many', async () => {
  const { take, loads } = aCache({ mostEntries: 2 });
  for (const key of ['ada', 'bob', 'cy', 'bob', 'cy', 'ada']) await take(key);
  expect(loads).toEqual(['ada', 'bob', 'cy', 'ada']);
});

test('a value that announcements vouch for is given out though the database cannot be read', async () => {
  const { take, time, breakDown } = aCache();
  await take();
  breakDown();
  time.nowMs += 60_000;
  expect(await take()).toBe(1);
  time.silentMs = 30_000;
  expect(await take()).toBe('upstream_unavailable');
});

test('after a failed load the database has a second’s rest', async () => {
  const { take, time, breakDown, loads } = aCache();
  breakDown();
  expect(await take()).toBe('upstream_unavailable');
  time.nowMs += 999;
  expect(await take('bob')).toBe('upstream_unavailable');
  expect(loads).toEqual(['ada']);
  time.nowMs += 1;
  await take('bob');
  expect(loads).toEqual(['ada', 'bob']);
});

test('a dropped key is loaded anew, also when a load of it was under way; the others are kept', async () => {
  const { cache, take, hold, loads } = aCache();
  await take('bob');
  const release = hold();
  const early = take('ada');
  cache.drop('ada');
  const late = take('ada');
  release();
  expect([await early, await late]).toEqual([2, 3]);
  expect([await take('ada'), await take('bob')]).toEqual([3, 1]);
  cache.drop('ada');
  expect([await take('ada'), await take('bob')]).toEqual([4, 1]);
  expect(loads).toHaveLength(4);
});
