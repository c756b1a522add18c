import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Channel } from '../db/notifications.ts';
import { createAnnouncer } from './announcer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function listening() {
  const told: Channel[] = [];
  const errors: unknown[] = [];
  const announcer = createAnnouncer({
    database: {
      async notify(channel) {
        told.push(channel);
        if (channel === 'leadctl_jobs') throw new Error('away');
      },
    },
    log: { warn: (...said: unknown[]) => void errors.push(said) },
  });
  return { told, errors, announcer };
}

test('on an idle system a commit is told of within 3 ms', async () => {
  const { told, announcer } = listening();
  announcer.announce('leadctl_events');
  await vi.advanceTimersByTimeAsync(3);
  expect(told).toEqual(['leadctl_events']);
});

test('under load each channel is told of once in 25 ms, and the last commit is never left out', async () => {
  const { told, announcer } = listening();
  for (let ms = 0; ms < 1_000; ms += 1) {
    announcer.announce('leadctl_events');
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(told.length).toBeGreaterThanOrEqual(39);
  expect(told.length).toBeLessThanOrEqual(41);
  const before = told.length;
  announcer.announce('leadctl_events');
  await vi.advanceTimersByTimeAsync(25);
  expect(told.length).toBe(before + 1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told.length).toBe(before + 1);
});

test('what still waits is told of when it stops, and a failure ends nothing', async () => {
  const { told, errors, announcer } = listening();
  announcer.announce('leadctl_jobs');
  await vi.advanceTimersByTimeAsync(3);
  announcer.announce('leadctl_deliveries');
  await announcer.stop();
  expect(told).toEqual(['leadctl_jobs', 'leadctl_deliveries']);
  expect(errors).toHaveLength(1);
});
