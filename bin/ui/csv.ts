import { type Column, cellText, headingOf } from './columns.ts';
import { visibleInCsv } from './text.ts';

const EXACT = { kind: 'exact' } as const;

/**
 * Fields of RFC 4180 with a header line; every text is quoted. Where a spreadsheet would run one as a
 * formula a `'` goes in front (OWASP, "CSV Injection"); a plain number stays as it is: `-3` is no formula.
 */
export function csvLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  return [csvHeader(columns), ...rows.map((row) => csvLine(columns, row))];
}

/** The header alone, for a list that is written as it arrives. */
export function csvHeader<Row>(columns: readonly Column<Row>[]): string {
  return columns
    .map((column) => headingOf(column, EXACT).toLowerCase().replaceAll(' ', '_'))
    .join(',');
}

/** One record, without the line break after it. */
export function csvLine<Row>(columns: readonly Column<Row>[], row: Row): string {
  return columns
    .map((column) => {
      const cell = column.value(row);
      const text = visibleInCsv(cellText(cell, EXACT));
      if (typeof cell === 'number' || cell === null || cell === undefined) return text;
      return `"${neutralise(text).replaceAll('"', '""')}"`;
    })
    .join(',');
}

/** Drawn as nothing: a spreadsheet drops them, and what comes after is the cell's first character. */
const INVISIBLE = String.raw` \u000b\u000c\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028\u2029\u202f\u205f-\u2064\u3000\ufeff`;
/** And their full-width and small forms, which some programs read as the plain ones. */
const STARTS_FORMULA = String.raw`=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212`;

/**
 * The beginning of a field, or of what may become one: where the list separator is another (`;` in much of
 * Europe) a spreadsheet ends cells, and loses count of quotes, inside of a field.
 */
const CELL_START = String.raw`(^|[;,|\t\r\n])`;
const RUNS = String.raw`(?=["${INVISIBLE}]*[${STARTS_FORMULA}])`;
const UNGUARDED = new RegExp(`${CELL_START}${RUNS}`, 'gu');
const GUARDED = new RegExp(`${CELL_START}'${RUNS}`, 'gu');

function neutralise(text: string): string {
  const guarded = text.replaceAll(UNGUARDED, "$1'");
  return /^[\t\r]/.test(guarded) ? `'${guarded}` : guarded;
}

/** Takes back the marks that `csvLine` puts, for whoever reads what it wrote. */
export function withoutMarks(text: string): string {
  return text.replace(/^'(?=[\t\r])/, '').replaceAll(GUARDED, '$1');
}
