import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnName, firstRowOf, leadIdIndex, planHeader, rowFor } from './table.ts';

test('an empty sheet gets the columns that are wanted', () => {
  expect(planHeader([], ['lead_id', 'name'])).toEqual({
    header: ['lead_id', 'name'],
    isChanged: true,
  });
});

test('columns that people made keep their places and their names', () => {
  const { header } = planHeader(['Notes', 'Lead ID', 'Name'], ['lead_id', 'name', 'phone']);
  expect(header).toEqual(['Notes', 'Lead ID', 'Name', 'phone']);
  expect(leadIdIndex(header, ['lead_id', 'name', 'phone'])).toBe(1);
  const fields = { lead_id: '1', name: 'Ada', phone: '+49', notes: 'not ours' };
  expect(rowFor(header, ['lead_id', 'name', 'phone'], fields)).toEqual(['', '1', 'Ada', '+49']);
});

test('the lead’s id is looked for in the column that the settings name, not in one called alike', () => {
  const { header } = planHeader(['lead_id', 'Name'], ['id', 'name']);
  expect(leadIdIndex(header, ['id', 'name'])).toBe(header.indexOf('id'));
});

test('a header is planned once: planning again changes nothing', () => {
  const columns = fc.uniqueArray(fc.string({ minLength: 1 }), { selector: columnName });
  fc.assert(
    fc.property(columns, columns, (present, wanted) => {
      const { header } = planHeader(present, wanted);
      expect(planHeader(header, wanted)).toEqual({ header, isChanged: false });
      expect(header.slice(0, present.length)).toEqual(present);
    }),
  );
});

test.each([
  ["'Leads'!A12:I14", 12],
  ["'It''s!A1'!B7:C9", 7],
  ['Leads!A2', 2],
  ['nonsense', null],
])('the first row of %s is %s', (range, row) => {
  expect(firstRowOf(range)).toBe(row);
});
