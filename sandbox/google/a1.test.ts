import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnLetters, formatA1, parseA1 } from './a1.ts';

const Z = Infinity;

describe('A1 notation', () => {
  it.each([
    ['Sheet1!A1:B2', 'Sheet1', [0, 0, 2, 2]],
    ["'My leads'!A:C", 'My leads', [0, 0, Z, 3]],
    ["'It''s'!B2", "It's", [1, 1, 2, 2]],
    ['A2:2', undefined, [1, 0, 2, Z]],
    ['Sheet1!A5:A', 'Sheet1', [4, 0, Z, 1]],
    ['Sheet1!1:2', 'Sheet1', [0, 0, 2, Z]],
    ['$B$2:$A$1', undefined, [0, 0, 2, 2]],
    ["'Leads'", 'Leads', [0, 0, Z, Z]],
    ['Leads', 'Leads', [0, 0, Z, Z]],
    ['Q4', undefined, [3, 16, 4, 17]],
  ])('reads %s', (text, sheet, [top, left, bottom, right]) => {
    expect(parseA1(text, [])).toEqual({ sheet, area: { top, left, bottom, right } });
  });

  it('takes a tab’s name for the tab where both would do', () => {
    expect(parseA1('Q4', ['Q4'])?.sheet).toBe('Q4');
  });

  it.each(['', 'Sheet1!', 'Sheet1!A0', 'Sheet1!A1:B2:C3', "'open!A1", 'Sheet1!AAAA1'])(
    'refuses %j',
    (text) => {
      expect(parseA1(text, [])).toBeUndefined();
    },
  );

  it('reads back whatever it writes, whatever the tab is called', () => {
    const tab = fc.string({ minLength: 1 });
    const corner = fc.record({ top: fc.nat(9_999), left: fc.nat(700) });
    const size = fc.record({ height: fc.integer({ min: 1, max: 99 }), width: fc.nat(60) });
    fc.assert(
      fc.property(tab, corner, size, (title, { top, left }, { height, width }) => {
        const area = { top, left, bottom: top + height, right: left + width + 1 };
        expect(parseA1(formatA1(title, area), [title])).toEqual({ sheet: title, area });
      }),
    );
  });

  it.each([
    [0, 'A'],
    [25, 'Z'],
    [26, 'AA'],
    [701, 'ZZ'],
    [702, 'AAA'],
  ])('names column %i %s', (index, letters) => {
    expect(columnLetters(index)).toBe(letters);
  });
});
