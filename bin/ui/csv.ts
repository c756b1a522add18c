import { cellText, type Column } from './columns.ts';
import { visibleInCsv } from './text.ts';

/**
 * Fields of RFC 4180 with a header line. A field that a spreadsheet would run as a formula gets a `'` in
 * front (OWASP, "CSV Injection"), a plain number does not: `-3` is no formula.
 */
export function csvLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  return [csvHeader(columns), ...rows.map((row) => csvLine(columns, row))];
}

/** The header alone, for a list that is written as it arrives. */
export function csvHeader<Row>(columns: readonly Column<Row>[]): string {
  return columns.map((column) => quote(column.header.toLowerCase().replaceAll(' ', '_'))).join(',');
}

/** One record, without the line break after it. */
export function csvLine<Row>(columns: readonly Column<Row>[], row: Row): string {
  return columns
    .map((column) => {
      const cell = column.value(row);
      const text = visibleInCsv(cellText(cell, { kind: 'exact' }));
      return quote(typeof cell === 'number' ? text : neutralise(text));
    })
    .join(',');
}

function neutralise(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
