import { expect, test } from 'vitest';
import { z } from 'zod';
import { createUuidSource } from './uuid.ts';

const v7 = z.uuid({ version: 'v7' });
const timeOf = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

test('ids are version 7, carry the time, and each is greater than the one before', () => {
  let nowMs = Date.now();
  const next = createUuidSource(() => nowMs);
  const ids = Array.from({ length: 20_000 }, (_, index) => {
    if (index % 50 === 0) nowMs += 1;
    return next();
  });
  for (const id of ids) expect(v7.safeParse(id).success).toBe(true);
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
  expect(timeOf(ids.at(-1) ?? '')).toBe(nowMs);
});

test('order holds when a millisecond is full, and when the clock goes back', () => {
  let nowMs = 1_700_000_000_000;
  const next = createUuidSource(() => nowMs);
  const before = Array.from({ length: 10_000 }, () => next());
  nowMs -= 5_000;
  const after = Array.from({ length: 10_000 }, () => next());
  const all = [...before, ...after];
  expect(all).toEqual(all.toSorted());
  expect(timeOf(all.at(-1) ?? '') - 1_700_000_000_000).toBeLessThan(10);
});

test('two sources at the same moment do not meet', () => {
  const at = () => 1_700_000_000_000;
  const [one, two] = [createUuidSource(at), createUuidSource(at)];
  const ids = Array.from({ length: 4_000 }, () => [one(), two()]).flat();
  expect(new Set(ids).size).toBe(ids.length);
});
