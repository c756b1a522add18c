import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCsvParser } from './csv-parser.ts';

function parse(text: string, delimiter = ',', cuts: readonly number[] = []): string[][] {
  const parser = createCsvParser(delimiter);
  const at = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  const records = at.slice(1).flatMap((end, index) => parser.push(text.slice(at[index], end)));
  return [...records, ...parser.end()].map(({ fields }) => [...fields]);
}

const quote = (field: string): string => `"${field.replaceAll('"', '""')}"`;

describe('createCsvParser', () => {
  it('gives back what was quoted, whatever it holds and however the text is cut', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'ü', '🚀', ' ') });
    const records = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        records,
        fc.array(fc.nat(60)),
        fc.constantFrom('\n', '\r\n'),
        (list, cuts, end) => {
          const text = list.map((fields) => fields.map(quote).join(',') + end).join('');
          const within = cuts.filter((cut) => cut <= text.length);
          expect(parse(text, ',', within)).toEqual(list);
        },
      ),
    );
  });

  it('reads plain fields, empty ones, a missing last line break and a byte order mark', () => {
    expect(parse('\uFEFFname,email\r\nMia,\r\n\r\n"Tom ""T""",t@x.example')).toEqual([
      ['name', 'email'],
      ['Mia', ''],
      ['Tom "T"', 't@x.example'],
    ]);
    expect(parse('a;b,c', ';')).toEqual([['a', 'b,c']]);
  });

  it('says on which line each record begins', () => {
    const parser = createCsvParser(',');
    const records = [...parser.push('a\n"b\nc"\n\nd'), ...parser.end()];
    expect(records.map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it('names the line of a quote that nobody closes', () => {
    expect(() => parse('a\n"b\nc')).toThrow('line 2');
  });
});
