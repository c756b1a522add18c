import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { shedMemoryOfStart } from './shed-memory.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const MB = 1024 * 1024;

/** Old enough that only a full collection finds it. */
function leaveGarbage(): void {
  const kept = Array.from({ length: 200 }, () => Array.from({ length: MB / 16 }, Math.random));
  expect(kept).toHaveLength(200);
}

test('what a start left behind is collected a while after it, and not when it is stopped before', async () => {
  leaveGarbage();
  const stopped = shedMemoryOfStart();
  await stopped.stop();
  const before = process.memoryUsage().heapUsed;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(process.memoryUsage().heapUsed).toBeGreaterThan(before - 20 * MB);
  shedMemoryOfStart();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(process.memoryUsage().heapUsed).toBeLessThan(before - 50 * MB);
});
