import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const now = new Date('2026-03-01T12:00:00Z');

test.each([
  ['7', 7_000],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['soon', 0],
  [null, 0],
])('%j asks for %d ms', (header, waitMs) => {
  expect(retryAfterMs(header, now)).toBe(waitMs);
});
