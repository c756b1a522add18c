import { expect, test } from 'vitest';
import { createPauses } from './pauses.ts';

function setUp() {
  const clock = { nowMs: 1_000_000 };
  return { clock, pauses: createPauses(() => clock.nowMs) };
}

test('a pause holds its page and no other, and is never shortened', () => {
  const { clock, pauses } = setUp();
  pauses.pause('a', 10_000);
  pauses.pause('a', 1_000);
  expect(pauses.takeTurnMs('a')).toBe(10_000);
  expect(pauses.takeTurnMs('b')).toBe(0);
  clock.nowMs += 10_000;
  expect(pauses.takeTurnMs('a')).toBe(0);
  expect(pauses.takeTurnMs('a')).toBe(0);
});

test('after a time-out one caller alone tries, and the pauses grow up to five minutes', () => {
  const { clock, pauses } = setUp();
  const waits: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    // Calls side by side, all too slow.
    pauses.timedOut('a');
    pauses.timedOut('a');
    waits.push(pauses.takeTurnMs('a'));
    clock.nowMs += pauses.takeTurnMs('a');
    expect(pauses.takeTurnMs('a')).toBe(0);
    expect(pauses.takeTurnMs('a')).toBeGreaterThan(10_000);
    clock.nowMs += 10_000;
  }
  expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  pauses.answered('a');
  expect(pauses.takeTurnMs('a')).toBe(0);
  expect(pauses.takeTurnMs('a')).toBe(0);
});

test('a try that nobody tells the end of does not shut its page for ever', () => {
  const { clock, pauses } = setUp();
  pauses.timedOut('a');
  clock.nowMs += 5_000;
  expect(pauses.takeTurnMs('a')).toBe(0);
  clock.nowMs += pauses.takeTurnMs('a');
  expect(pauses.takeTurnMs('a')).toBe(0);
});
