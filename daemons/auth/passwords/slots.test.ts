import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFailure } from '../../../lib/core/errors.ts';
import { createSlots } from './slots.ts';

test('never runs more than its slots, turns away what finds no room, and does all the rest', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 5 }),
      fc.array(fc.boolean(), { maxLength: 20 }),
      async (maxRunning, maxWaiting, jobs) => {
        const slots = createSlots({ maxRunning, maxWaiting });
        let running = 0;
        let most = 0;
        const work = async (fails: boolean) => {
          most = Math.max(most, (running += 1));
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          if (fails) throw new Error('as asked');
          return 'done';
        };
        const results = await Promise.allSettled(jobs.map((fails) => slots.run(() => work(fails))));
        const turnedAway = results.filter(
          (result) => result.status === 'fulfilled' && isFailure(result.value),
        );
        expect(most).toBe(Math.min(maxRunning, jobs.length));
        expect(turnedAway).toHaveLength(Math.max(0, jobs.length - maxRunning - maxWaiting));
        // A job that threw gave its slot back.
        expect(await slots.run(() => work(false))).toBe('done');
      },
    ),
    { numRuns: 50 },
  );
});

test('what is turned away learns when to come back', async () => {
  const slots = createSlots({ maxRunning: 1, maxWaiting: 0 });
  let finish: () => void = () => undefined;
  const first = slots.run(() => new Promise<void>((resolve) => (finish = resolve)));
  expect(await slots.run(async () => 'done')).toMatchObject({
    code: 'upstream_unavailable',
    extra: { retryAfterSeconds: 2 },
  });
  finish();
  await first;
});
