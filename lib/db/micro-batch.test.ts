import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMicroBatcher } from './micro-batch.ts';

class RowError extends Error {}

const isRowError = (error: unknown) => error instanceof RowError;

test('every item gets its own result, whatever arrives together and whichever rows are bad', async () => {
  const batchOfItems = fc.array(fc.record({ isBad: fc.boolean(), delayMs: fc.nat({ max: 2 }) }), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(batchOfItems, fc.integer({ min: 1, max: 7 }), async (items, maxBatch) => {
      let largest = 0;
      let inFlight = 0;
      let mostInFlight = 0;
      const batcher = createMicroBatcher<number, string>({
        maxInFlight: 2,
        maxBatch,
        maxQueue: 1_000,
        isRowError,
        async run(batch) {
          largest = Math.max(largest, batch.length);
          mostInFlight = Math.max(mostInFlight, (inFlight += 1));
          await sleep(0);
          inFlight -= 1;
          if (batch.some((index) => items[index]?.isBad)) throw new RowError('bad row');
          return batch.map((index) => `stored ${index}`);
        },
      });
      const outcomes = await Promise.allSettled(
        items.map(async ({ delayMs }, index) => {
          await sleep(delayMs);
          return batcher.submit(index);
        }),
      );
      expect(outcomes).toMatchObject(
        items.map(({ isBad }, index) =>
          isBad ? { status: 'rejected' } : { value: { kind: 'done', result: `stored ${index}` } },
        ),
      );
      expect(largest).toBeLessThanOrEqual(maxBatch);
      expect(mostInFlight).toBeLessThanOrEqual(2);
    }),
    { numRuns: 40 },
  );
});

test('items that arrive in one turn share a run', async () => {
  const sizes: number[] = [];
  const batcher = createMicroBatcher<number, number>({
    maxInFlight: 1,
    maxBatch: 100,
    maxQueue: 100,
    isRowError,
    run: async (batch) => {
      sizes.push(batch.length);
      return batch;
    },
  });
  await Promise.all(Array.from({ length: 30 }, (_, index) => batcher.submit(index)));
  expect(sizes).toEqual([30]);
});

test('past its limit the queue says so at once', async () => {
  const gate = Promise.withResolvers<undefined>();
  const batcher = createMicroBatcher<number, number>({
    maxInFlight: 1,
    maxBatch: 1,
    maxQueue: 2,
    isRowError,
    run: async (batch) => {
      await gate.promise;
      return batch;
    },
  });
  const first = batcher.submit(1);
  await sleep(5);
  const waiting = [batcher.submit(2), batcher.submit(3)];
  expect(await batcher.submit(4)).toEqual({ kind: 'overloaded' });
  gate.resolve(undefined);
  expect(await Promise.all([first, ...waiting])).toHaveLength(3);
});

test('an error of the server fails the whole run, without trying row by row', async () => {
  let runs = 0;
  const batcher = createMicroBatcher<number, number>({
    maxInFlight: 1,
    maxBatch: 10,
    maxQueue: 10,
    isRowError,
    run: async () => {
      runs += 1;
      throw new Error('the server is away');
    },
  });
  const outcomes = await Promise.allSettled([batcher.submit(1), batcher.submit(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(runs).toBe(1);
});

test('draining waits for all that was submitted', async () => {
  const batcher = createMicroBatcher<number, number>({
    maxInFlight: 1,
    maxBatch: 1,
    maxQueue: 10,
    isRowError,
    run: async (batch) => {
      await sleep(5);
      return batch;
    },
  });
  const settled: number[] = [];
  for (const item of [1, 2, 3]) void batcher.submit(item).then(() => settled.push(item));
  await batcher.drain();
  await sleep(0);
  expect(settled).toEqual([1, 2, 3]);
});

test('beside a young run none is begun, and one that is held up holds up nobody for long', async () => {
  const runs: number[][] = [];
  const begunAtMs: number[] = [];
  const ends: (() => void)[] = [];
  const batcher = createMicroBatcher({
    maxInFlight: 2,
    maxBatch: 100,
    maxQueue: 100,
    patienceMs: 50,
    isRowError: () => false,
    run: async (items: readonly number[]) => {
      runs.push([...items]);
      begunAtMs.push(performance.now());
      await new Promise<void>((resolve) => ends.push(resolve));
      return items;
    },
  });
  const submitted = [1, 2, 3].map((item) => batcher.submit(item));
  await expect.poll(() => runs).toEqual([[1, 2, 3]]);
  submitted.push(batcher.submit(4), batcher.submit(5));
  ends.shift()?.();
  await expect.poll(() => runs.length).toBe(2);
  submitted.push(batcher.submit(6));
  await expect.poll(() => runs).toEqual([[1, 2, 3], [4, 5], [6]]);
  const [, second = 0, third = 0] = begunAtMs;
  // Timers count whole milliseconds.
  expect(third - second).toBeGreaterThanOrEqual(49);
  for (const end of ends) end();
  await Promise.all(submitted);
});
