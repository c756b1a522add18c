import { expect, test, vi } from 'vitest';
import { createWakes } from './wakes.ts';

const setUp = () => {
  vi.useFakeTimers();
  const queued: string[] = [];
  const wakes = createWakes({ now: () => Date.now(), onError: () => undefined });
  const wake = (key: string) =>
    wakes.wake(key, async () => {
      queued.push(key);
    });
  return { queued, wakes, wake };
};

test('a wake-up skipped for one that another process ran unseen is queued after a moment', async () => {
  const { queued, wake } = setUp();
  await wake('a');
  await wake('a');
  expect(queued).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(300);
  expect(queued).toEqual(['a', 'a']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(queued).toEqual(['a', 'a']);
  vi.useRealTimers();
});

test('what comes after the run began is queued at once', async () => {
  const { queued, wake, wakes } = setUp();
  await wake('a');
  wakes.started('a');
  await wake('a');
  expect(queued).toEqual(['a', 'a']);
  wakes.stop();
  vi.useRealTimers();
});

test('a later run is no news while an earlier one is to come', () => {
  const { wakes } = setUp();
  const at = (ms: number) => new Date(Date.now() + ms);
  expect(wakes.isNews('a', at(1_000))).toBe(true);
  expect(wakes.isNews('a', at(2_000))).toBe(false);
  expect(wakes.isNews('a', at(500))).toBe(true);
  vi.advanceTimersByTime(600);
  expect(wakes.isNews('a', at(2_000))).toBe(true);
  vi.useRealTimers();
});
