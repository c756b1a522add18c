import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRepeater } from './repeater.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('nudges during a run make one more run, and one that throws does not end it', async () => {
  let runs = 0;
  const errors: unknown[] = [];
  const repeater = createRepeater({
    everyMs: 1_000,
    onError: (error) => errors.push(error),
    async run() {
      runs += 1;
      if (runs === 1) throw new Error('first');
      return undefined;
    },
  });
  repeater.start();
  repeater.nudge();
  repeater.nudge();
  await vi.advanceTimersByTimeAsync(10);
  expect(runs).toBe(2);
  expect(errors).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runs).toBe(3);
  await repeater.stop();
  repeater.nudge();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runs).toBe(3);
});

test('a run says itself when the next is due', async () => {
  let runs = 0;
  const repeater = createRepeater({
    everyMs: 10_000,
    onError: () => undefined,
    async run() {
      runs += 1;
      return runs < 3 ? { inMs: 10 } : undefined;
    },
  });
  repeater.start();
  await vi.advanceTimersByTimeAsync(100);
  expect(runs).toBe(3);
  await repeater.stop();
});

test('a run that rests is not followed sooner, however often it is nudged, and by one run then', async () => {
  let runs = 0;
  const repeater = createRepeater({
    everyMs: 10_000,
    onError: () => undefined,
    async run() {
      runs += 1;
      return { restMs: 200 };
    },
  });
  repeater.start();
  for (let ms = 0; ms < 199; ms += 1) {
    repeater.nudge();
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(runs).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(runs).toBe(2);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(runs).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(runs).toBe(3);
  await repeater.stop();
});
