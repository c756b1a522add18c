import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { width } from '../width.ts';
import { sparkLines } from './spark.ts';

describe('sparkLines', () => {
  it('fills the lines with the highest value and shows the least one', () => {
    expect(sparkLines([0, 1, 100], { columns: 3, lines: 1 })).toEqual(['·▁█']);
    expect(sparkLines([0, 50, 100], { columns: 3, lines: 2 })).toEqual(['  █', '·██']);
  });

  it('stretches bars in a wide terminal and keeps the newest in a narrow one', () => {
    expect(sparkLines([0, 8], { columns: 6, lines: 1 })).toEqual(['···███']);
    expect(sparkLines([8, 0, 8], { columns: 2, lines: 1 })).toEqual(['·█']);
  });

  it('never takes more room than it is given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 240 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 6 }),
        (values, columns, lines) => {
          const drawn = sparkLines(values, { columns, lines });
          expect(drawn).toHaveLength(lines);
          for (const line of drawn) expect(width(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
