import * as fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Column } from './columns.ts';
import { fitWidths } from './fit-widths.ts';
import { detailLines, fits, tableLines } from './table.ts';

interface Lead {
  readonly id: string;
  readonly name: string;
  readonly at: Date | null;
}

const columns: readonly Column<Lead>[] = [
  { header: 'ID', value: (lead) => lead.id, keep: true },
  { header: 'NAME', value: (lead) => lead.name },
  { header: 'AGE', value: (lead) => lead.at, align: 'right' },
];
const now = new Date('2026-03-01T12:00:00Z');
const dates = { kind: 'age', now } as const;

describe('tableLines', () => {
  it('aligns emoji and wide characters, and fits 80 columns by cutting the widest', () => {
    const rows = [
      { id: '0198a1b2-0000', name: 'Mia', at: new Date('2026-03-01T11:59:18Z') },
      { id: '0198a1b2-0001', name: '山田太郎'.repeat(12), at: new Date('2026-02-27T12:00:00Z') },
      { id: '0198a1b2-0002', name: '👩‍👩‍👧‍👦 Familie Weiß 🎉', at: null },
    ];
    const lines = tableLines(columns, rows, { dates, fit: 80 });
    expect(lines).toMatchInlineSnapshot(`
      [
        "ID              NAME                                                         AGE",
        "0198a1b2-0000   Mia                                                          42s",
        "0198a1b2-0001   山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎山田太郎…     2d",
        "0198a1b2-0002   👩‍👩‍👧‍👦 Familie Weiß 🎉                                             -",
      ]
    `);
    expect(lines.slice(0, 3).map((line) => stringWidth(line))).toEqual([80, 80, 80]);
  });

  it('cuts nothing in a pipe', () => {
    const name = 'x'.repeat(300);
    const [, line] = tableLines(columns, [{ id: '1', name, at: null }], { dates });
    expect(line).toContain(name);
  });

  it('never exceeds the terminal and never lets a control character through', () => {
    const text = fc.string({ unit: 'binary', maxLength: 120 });
    const row = fc.record({ id: text, name: text, at: fc.constant(null) });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 5 }),
        fc.integer({ min: 30, max: 120 }),
        (rows, fit) => {
          for (const line of tableLines(columns, rows, { dates, fit })) {
            expect(stringWidth(line)).toBeLessThanOrEqual(fit);
            expect(line).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
          }
        },
      ),
    );
  });

  it('shows an escape sequence in a value instead of obeying it', () => {
    const rows = [{ id: '1', name: '\u001b[31mred\u001b[0m\u009b2J\nx', at: null }];
    expect(tableLines(columns, rows, { dates })[1]).toBe(
      String.raw`1    \u001b[31mred\u001b[0m\u009b2J\nx     -`,
    );
  });
});

describe('a table that is too wide', () => {
  const wide: readonly Column<Record<string, string>>[] = [
    { header: 'ID', value: (row) => row['id'], id: true },
    { header: 'STATUS', value: (row) => row['status'], keep: true },
    { header: 'ERROR', value: (row) => row['error'], wrap: true },
  ];
  const id = '01a20e95-5623-7abc-9def-0123456789ab';
  const error = '190: Error validating access token: the session has been invalidated by its owner';

  it('shortens ids to their ends first, and lets texts go on below, in whole words', () => {
    const lines = tableLines(wide, [{ id, status: 'retrying', error }], { dates, fit: 60 });
    expect(lines).toEqual([
      'ID          STATUS     ERROR',
      '…456789ab   retrying   190: Error validating access token:',
      '                       the session has been invalidated by',
      '                       its owner',
    ]);
  });

  it('knows whether it would have room', () => {
    const row = { id, status: 'retrying', error };
    expect([fits(wide, [row], dates, 60), fits(wide, [row], dates, 160)]).toEqual([false, true]);
  });
});

describe('fitWidths', () => {
  const columns = [
    { keep: true, header: 2 },
    { keep: false, header: 6 },
  ];

  it('shortens a kept column only when the others have nothing left to give', () => {
    expect(fitWidths([36, 40], columns, 50)).toEqual([36, 14]);
    expect(fitWidths([36, 40], columns, 40)).toEqual([36, 4]);
    expect(fitWidths([36, 40], columns, 30)).toEqual([26, 4]);
  });

  it('spares the headers as long as a wide column can give', () => {
    const two = columns.map(({ header }) => ({ keep: false, header }));
    expect(fitWidths([30, 6], two, 20)).toEqual([14, 6]);
  });
});

describe('detailLines', () => {
  it('puts one property on a line, with a dash for what is missing', () => {
    const lines = detailLines(columns, { id: '1', name: 'Mia', at: null }, { dates });
    expect(lines).toEqual(['ID     1', 'NAME   Mia', 'AGE    -']);
  });
});
