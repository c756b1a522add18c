import { expect, test } from 'vitest';
import { createOwnLanes } from './own-lanes.ts';

/** Lanes whose work ends when a test says so. */
function started() {
  const begun: { readonly laneKey: string; readonly signal: AbortSignal; end(): void }[] = [];
  const errors: unknown[] = [];
  const lanes = createOwnLanes({
    work(laneKey, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      begun.push({ laneKey, signal, end: resolve });
      signal.addEventListener('abort', () => resolve());
      return promise;
    },
    onError: (error) => void errors.push(error),
  });
  return { lanes, begun, errors, names: () => begun.map(({ laneKey }) => laneKey) };
}

test('a lane that is woken while it is worked on is looked at once more, and once only', async () => {
  const { lanes, begun, names } = started();
  expect(['a', 'a', 'a'].map((key) => lanes.take(key))).toEqual([true, true, true]);
  expect(names()).toEqual(['a']);
  begun[0]?.end();
  await expect.poll(names).toEqual(['a', 'a']);
  begun[1]?.end();
  await lanes.stop();
  expect(names()).toEqual(['a', 'a']);
});

test('only so many are taken; the others are for whoever is free', async () => {
  const { lanes, begun, names } = started();
  const taken = Array.from({ length: 10 }, (_none, index) => lanes.take(`lane-${index}`));
  expect(taken.filter(Boolean)).toHaveLength(2);
  expect(lanes.take('lane-9')).toBe(false);
  begun[0]?.end();
  await expect.poll(() => lanes.take('lane-9')).toBe(true);
  expect(names()).toContain('lane-9');
  await lanes.stop();
});

test('stopping tells those under way to end, waits for them, and takes no more', async () => {
  const { lanes, begun, errors } = started();
  lanes.take('a');
  await lanes.stop();
  expect(begun[0]?.signal.aborted).toBe(true);
  expect(lanes.take('b')).toBe(false);
  expect(errors).toEqual([]);
});

test('an error ends one look at one lane, and is told', async () => {
  const errors: unknown[] = [];
  const lanes = createOwnLanes({
    work: async (laneKey) => {
      throw new Error(laneKey);
    },
    onError: (error) => void errors.push(error),
  });
  lanes.take('a');
  await expect.poll(() => errors).toEqual([new Error('a')]);
  expect(lanes.take('a')).toBe(true);
  await lanes.stop();
});
