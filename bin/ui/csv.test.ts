import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, csvLines, withoutMarks } from './csv.ts';
import { visibleInCsv } from './text.ts';

const column = { header: 'NAME', value: (row: { v: string | number }) => row.v };

describe('csv', () => {
  it.each([
    ['=1+2', `"'=1+2"`],
    ['+49', `"'+49"`],
    ['-x', `"'-x"`],
    ['@cmd', `"'@cmd"`],
    ['\tx', `"'\tx"`],
    ['a,"b"', '"a,""b"""'],
    ['a\nb', '"a\nb"'],
    ['plain', '"plain"'],
    ['', '""'],
    ['\u001b[31m', String.raw`"\u001b[31m"`],
    ["Bob;=cmd|' /C calc'!A0;x", `"Bob;'=cmd|' /C calc'!A0;x"`],
    ['a\t=1+1\tb', `"a\t'=1+1\tb"`],
    ['a,  -2', `"a,'  -2"`],
    ['a;"=1', `"a;'""=1"`],
    ['a\n@x', `"a\n'@x"`],
    ['\u200b=1+1', `"'\u200b=1+1"`],
    ['＝1+1', `"'＝1+1"`],
    ['a-b=c', '"a-b=c"'],
  ])('writes %j as %j', (value, expected) => {
    expect(csvLine([column], { v: value })).toBe(expected);
  });

  it('leaves a number a number, and nothing nothing', () => {
    expect(csvLines([column], [{ v: -3 }])).toEqual(['name', '-3']);
    expect(csvLine([{ header: 'NAME', value: () => null }], {})).toBe('');
  });

  it('heads a time as a time', () => {
    const age = {
      header: 'AGE',
      exactHeader: 'CREATED AT',
      value: (row: { at: Date }) => row.at,
    };
    expect(csvLines([age], [{ at: new Date('2026-03-01T12:00:00Z') }])).toEqual([
      'created_at',
      '"2026-03-01T12:00:00.000Z"',
    ]);
  });

  const tricky = fc.oneof(
    fc.constantFrom(...Array.from('=+-@＝＋－＠﹢;,|\t\r\n" \u200b\ufeff\u00adaB1\'')),
    fc.string({ unit: 'binary', maxLength: 1 }),
  );

  it('has no cell that runs, whichever separator a program goes by and however it reads quotes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.array(tricky).map((parts) => parts.join('')),
          { minLength: 1, maxLength: 4 },
        ),
        (values) => {
          const columns = values.map((value, at) => ({ header: `C${at}`, value: () => value }));
          for (const cell of csvLine(columns, {}).split(/[;,|\t\r\n]/)) {
            // What is left when quotes and what cannot be seen are dropped.
            const seen = cell.replace(
              /^["\s\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]+/u,
              '',
            );
            expect(seen).not.toMatch(/^[=+\-@＝＋－＠﹢]/u);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('gives back every text, to whoever reads it by RFC 4180 and takes the marks back', () => {
    fc.assert(
      fc.property(fc.array(tricky.filter((one) => one !== "'")), (parts) => {
        const value = parts.join('');
        const read = csvLine([column], { v: value }).slice(1, -1).replaceAll('""', '"');
        expect(withoutMarks(read)).toBe(visibleInCsv(value));
      }),
      { numRuns: 2_000 },
    );
  });
});
