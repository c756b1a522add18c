import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, csvLines } from './csv.ts';

const column = { header: 'NAME', value: (row: { v: string | number }) => row.v };

describe('csv', () => {
  it.each([
    ['=1+2', "'=1+2"],
    ['+49', "'+49"],
    ['-x', "'-x"],
    ['@cmd', "'@cmd"],
    ['\tx', "'\tx"],
    ['\r=x', '"\'\r=x"'],
    ['a,"b"', '"a,""b"""'],
    ['a\nb', '"a\nb"'],
    ['plain', 'plain'],
    ['\u001b[31m', String.raw`\u001b[31m`],
  ])('writes %j as %j', (value, expected) => {
    expect(csvLine([column], { v: value })).toBe(expected);
  });

  it('leaves a number a number', () => {
    expect(csvLines([column], [{ v: -3 }])).toEqual(['name', '-3']);
  });

  it('never starts a field with what a spreadsheet would run', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(csvLine([column], { v: value })).not.toMatch(/^"?[=+\-@\t\r]/);
      }),
    );
  });
});
