import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnLetters, fitCell, MAX_CELL_CHARACTERS, rangeOf, rowsThatFit } from './cells.ts';

test.each([
  [0, 'A'],
  [25, 'Z'],
  [26, 'AA'],
  [701, 'ZZ'],
  [702, 'AAA'],
])('column %d is %s', (index, letters) => {
  expect(columnLetters(index)).toBe(letters);
});

test('a quote in a sheet name stays in the name', () => {
  expect(rangeOf("Anna's", 'A1')).toBe("'Anna''s'!A1");
});

test('a cell that fits is left exactly as it is', () => {
  fc.assert(fc.property(fc.string(), (text) => fitCell(text) === text));
  const full = 'x'.repeat(MAX_CELL_CHARACTERS);
  expect(fitCell(full)).toBe(full);
});

test('a cell that does not fit is cut, says so, and breaks no character', () => {
  for (const text of ['x'.repeat(50_001), `x${'😀'.repeat(40_000)}`, '😀'.repeat(40_000)]) {
    const cut = fitCell(text);
    expect(cut.length).toBeLessThanOrEqual(MAX_CELL_CHARACTERS);
    expect(cut).toContain(`[cut: ${text.length} characters`);
    expect(cut.isWellFormed()).toBe(true);
  }
});

test('as many rows go in one call as fit, and always one', () => {
  const rows = Array.from({ length: 100 }, () => ['x'.repeat(100)]);
  expect(rowsThatFit(rows, { maxRows: 500 })).toBe(100);
  expect(rowsThatFit(rows, { maxRows: 30 })).toBe(30);
  expect(rowsThatFit(rows, { maxRows: 500, maxBytes: 1_050 })).toBe(10);
  expect(rowsThatFit(rows, { maxRows: 500, maxBytes: 1 })).toBe(1);
  expect(rowsThatFit([], { maxRows: 500 })).toBe(0);
});
