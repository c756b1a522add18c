import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { createTally, type Counted, type Tally, type TallyOptions } from './tally.ts';

interface Item {
  readonly group: string;
  readonly key: string;
}

const MINUTE_MS = 60_000;
let nowMs = 0;
let tally: Tally<Item>;
let written: Counted<Item>[];
let dropped: number;
let failures: number;

function start(over: Partial<TallyOptions<Item>> = {}): void {
  nowMs = 10 * MINUTE_MS;
  written = [];
  dropped = 0;
  failures = 0;
  tally = createTally<Item>({
    keyOf: ({ group, key }) => `${group}/${key}`,
    groupOf: ({ group }) => group,
    folded: ({ group }) => ({ group, key: 'many' }),
    mostPerGroup: 2,
    mostEntries: 10,
    writes: 'each_flush',
    flushMs: 1_000_000,
    write: async (counted) => {
      written.push(...counted);
    },
    onDropped: () => {
      dropped += 1;
    },
    onError: () => {
      failures += 1;
    },
    clock: () => new Date(nowMs),
    ...over,
  });
}
afterEach(() => tally.stop());

const add = (key: string, times = 1, group = 'g') => {
  for (let made = 0; made < times; made += 1) tally.add({ group, key });
};
const counts = () => written.map(({ item, count }) => [item.key, count]);

test('what is the same is one count, written once', async () => {
  start();
  add('a', 3);
  add('b');
  await tally.flush();
  await tally.flush();
  expect(counts()).toEqual([
    ['a', 3],
    ['b', 1],
  ]);
});

test('more kinds than a group may have in a minute are counted as one, and none is lost', async () => {
  start();
  for (const key of ['a', 'b', 'c', 'd', 'c']) add(key);
  await tally.flush();
  expect(counts()).toEqual([
    ['a', 1],
    ['b', 1],
    ['many', 3],
  ]);
  nowMs += MINUTE_MS;
  add('d');
  await tally.flush();
  expect(counts().at(-1)).toEqual(['d', 1]);
});

test('where rows are only added, a minute’s kind is two of them at most', async () => {
  start({ writes: 'twice_a_minute' });
  for (let flush = 0; flush < 5; flush += 1) {
    add('a', 2);
    await tally.flush();
  }
  expect(counts()).toEqual([['a', 2]]);
  nowMs += MINUTE_MS;
  await tally.flush();
  expect(counts()).toEqual([
    ['a', 2],
    ['a', 8],
  ]);
});

test('a failed write is tried again with what came meanwhile', async () => {
  let isDown = true;
  start({
    write: async (counted) => {
      if (isDown) throw new Error('down');
      written.push(...counted);
    },
  });
  add('a', 2);
  await tally.flush();
  add('a');
  isDown = false;
  await tally.flush();
  expect([failures, counts()]).toEqual([1, [['a', 3]]]);
});

test('nothing is written twice when two flushes meet, nor lost that comes during one', async () => {
  const gates: (() => void)[] = [];
  start({
    write: async (counted) => {
      written.push(...counted);
      await new Promise<void>((resolve) => gates.push(resolve));
    },
  });
  add('a', 2);
  const flushes = [tally.flush(), tally.flush()];
  await expect.poll(() => gates.length).toBe(1);
  add('a');
  gates[0]?.();
  await expect.poll(() => gates.length).toBe(2);
  gates[1]?.();
  await Promise.all(flushes);
  expect(counts()).toEqual([
    ['a', 2],
    ['a', 1],
  ]);
});

test('memory is bounded however long nothing can be written; what does not fit is told', async () => {
  start({ write: () => Promise.reject(new Error('down')), mostPerGroup: 1_000 });
  for (let made = 0; made < 100; made += 1) {
    add(`k${made}`);
    nowMs += MINUTE_MS / 4;
  }
  await tally.flush();
  expect(dropped).toBe(90);
});

test('whatever comes in whichever order, all of it is written by the end, or told as dropped', async () => {
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom('a', 'b', 'c', 'd', 'e'), group: fc.constantFrom('g', 'h') }),
    fc.constantFrom('flush' as const, 'minute' as const, 'fail' as const),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom('each_flush' as const, 'twice_a_minute' as const),
      async (steps, writes) => {
        let isDown = false;
        start({
          writes,
          write: async (counted) => {
            if (isDown) throw new Error('down');
            written.push(...counted);
          },
        });
        let added = 0;
        for (const one of steps) {
          if (one === 'minute') nowMs += MINUTE_MS;
          else if (one === 'fail') isDown = !isDown;
          else if (one === 'flush') await tally.flush();
          else {
            add(one.add, 1, one.group);
            added += 1;
          }
        }
        isDown = false;
        await tally.stop();
        const total = written.reduce((sum, { count }) => sum + count, 0);
        expect(total + dropped).toBe(added);
        expect(written.every(({ count }) => count > 0)).toBe(true);
      },
    ),
  );
});
