import { cellText, type Column, type DateStyle, headingOf } from './columns.ts';
import { visible } from './text.ts';
import { pad, truncate, width } from './width.ts';

const GAP = '   ';
const LEAST_CELLS = 4;

export interface TableOptions {
  readonly dates: DateStyle;
  /** Cells to fit into; without it (a pipe, a file) nothing is ever cut. */
  readonly fit?: number | undefined;
  readonly styleHeader?: (text: string) => string;
}

/** Lines of an aligned table, header first, no trailing blanks. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): string[] {
  const headers = columns.map((column) => headingOf(column, options.dates));
  const body = rows.map((row) => columns.map((column) => shownText(column, row, options.dates)));
  const natural = headers.map((header, at) =>
    body.reduce((widest, line) => Math.max(widest, width(line[at] ?? '')), width(header)),
  );
  const widths =
    options.fit === undefined
      ? natural
      : fitWidths(
          natural,
          columns.map((column, at) => ({
            keep: column.keep === true,
            header: width(headers[at] ?? ''),
          })),
          options.fit - GAP.length * (columns.length - 1),
        );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => {
        const cells = widths[at] ?? 0;
        return pad(truncate(cell, cells), cells, columns[at]?.align);
      })
      .join(GAP)
      .trimEnd();
  const style = options.styleHeader ?? ((text) => text);
  return [style(line(headers)), ...body.map(line)];
}

/** One thing as `HEADER   value` lines. */
export function detailLines<Row>(
  columns: readonly Column<Row>[],
  row: Row,
  options: TableOptions,
): string[] {
  const headings = columns.map((column) => headingOf(column, options.dates));
  const widest = headings.reduce((most, heading) => Math.max(most, width(heading)), 0);
  const room = options.fit === undefined ? undefined : options.fit - widest - GAP.length;
  const style = options.styleHeader ?? ((text) => text);
  return columns.map((column, at) => {
    const text = shownText(column, row, options.dates);
    const shown =
      room === undefined || column.keep ? text : truncate(text, Math.max(room, LEAST_CELLS));
    return `${style(pad(headings[at] ?? '', widest))}${GAP}${shown}`;
  });
}

/** A dash says that there is nothing; an empty text is meant to look empty. */
function shownText<Row>(column: Column<Row>, row: Row, dates: DateStyle): string {
  const cell = column.value(row);
  return cell === null || cell === undefined ? '-' : visible(cellText(cell, dates));
}

/**
 * The widest columns give way first: those that may, down to their header; then further; then, when all else
 * is spent, those to keep. None goes below a few cells.
 */
export function fitWidths(
  natural: readonly number[],
  columns: readonly { readonly keep: boolean; readonly header: number }[],
  available: number,
): number[] {
  const least = (at: number): number => Math.min(LEAST_CELLS, natural[at] ?? 0);
  const keeps = (at: number): boolean => columns[at]?.keep === true;
  const toHeader = (at: number): number =>
    keeps(at) ? Infinity : Math.max(least(at), columns[at]?.header ?? 0);
  const toLeast = (at: number): number => (keeps(at) ? Infinity : least(at));
  return [toHeader, toLeast, least].reduce(
    (widths, floor) => shrink(widths, floor, available),
    [...natural],
  );
}

function shrink(
  widths: readonly number[],
  floor: (at: number) => number,
  available: number,
): number[] {
  const result = [...widths];
  let excess = result.reduce((sum, cells) => sum + cells, 0) - available;
  while (excess > 0) {
    let widest = -1;
    for (const [at, cells] of result.entries()) {
      if (cells > floor(at) && cells > (result[widest] ?? 0)) widest = at;
    }
    const cells = result[widest];
    if (cells === undefined) break;
    result[widest] = cells - 1;
    excess -= 1;
  }
  return result;
}
