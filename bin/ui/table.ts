import { cellText, type Column, type DateStyle, headingOf } from './columns.ts';
import { fitWidths } from './fit-widths.ts';
import { visible } from './text.ts';
import { pad, truncate, truncateStart, width, wrap } from './width.ts';

const GAP = '   ';
const LEAST_CELLS = 4;
/** Beyond it a cell that goes over several lines ends in an ellipsis. */
const MOST_LINES = 12;

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
  const { headers, body, natural } = measure(columns, rows, options.dates);
  const widths =
    options.fit === undefined
      ? natural
      : fitWidths(
          natural,
          columns.map((column, at) => ({ ...column, header: width(headers[at] ?? '') })),
          options.fit - GAP.length * (columns.length - 1),
        );
  const style = options.styleHeader ?? ((text) => text);
  const heading = lineOf(headers.map((header, at) => truncate(header, widths[at] ?? 0)));
  return [style(heading), ...body.flatMap((cells) => rowLines(cells))];

  function rowLines(cells: readonly string[]): string[] {
    const parts = cells.map((cell, at) => cellLines(cell, widths[at] ?? 0, columns[at]));
    const height = Math.max(1, ...parts.map((lines) => lines.length));
    return Array.from({ length: height }, (_, row) =>
      lineOf(parts.map((lines) => lines[row] ?? '')),
    );
  }

  function lineOf(cells: readonly string[]): string {
    return cells
      .map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.align))
      .join(GAP)
      .trimEnd();
  }
}

/** Whether the whole of it has room in that many cells. */
export function fits<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  dates: DateStyle,
  cells: number,
): boolean {
  const { natural } = measure(columns, rows, dates);
  return natural.reduce((sum, each) => sum + each + GAP.length, -GAP.length) <= cells;
}

function measure<Row>(columns: readonly Column<Row>[], rows: readonly Row[], dates: DateStyle) {
  const headers = columns.map((column) => headingOf(column, dates));
  const body = rows.map((row) => columns.map((column) => shownText(column, row, dates)));
  const natural = headers.map((header, at) =>
    body.reduce((widest, line) => Math.max(widest, width(line[at] ?? '')), width(header)),
  );
  return { headers, body, natural };
}

function cellLines<Row>(text: string, cells: number, column: Column<Row> | undefined): string[] {
  if (width(text) <= cells) return [text];
  if (column?.id === true) return [truncateStart(text, cells)];
  return column?.wrap === true ? wrap(text, cells, MOST_LINES) : [truncate(text, cells)];
}

/** One thing as `HEADER   value` lines; a value that is too long for one goes on below itself. */
export function detailLines<Row>(
  columns: readonly Column<Row>[],
  row: Row,
  options: TableOptions,
): string[] {
  const headings = columns.map((column) => headingOf(column, options.dates));
  const widest = headings.reduce((most, heading) => Math.max(most, width(heading)), 0);
  const room =
    options.fit === undefined
      ? undefined
      : Math.max(options.fit - widest - GAP.length, LEAST_CELLS);
  const style = options.styleHeader ?? ((text) => text);
  return columns.flatMap((column, at) => {
    const shown = entriesOf(column, row, options.dates).flatMap((text) =>
      room === undefined || width(text) <= room ? [text] : wrap(text, room, MOST_LINES),
    );
    return shown.map((line, number) => {
      const heading = pad(number === 0 ? (headings[at] ?? '') : '', widest);
      return `${style(heading)}${GAP}${line}`.trimEnd();
    });
  });
}

function entriesOf<Row>(column: Column<Row>, row: Row, dates: DateStyle): string[] {
  const cell = column.value(row);
  return column.lines === true && typeof cell === 'string'
    ? cell.split('\n').map(visible)
    : [shownText(column, row, dates)];
}

/** A dash says that there is nothing; an empty text is meant to look empty. */
function shownText<Row>(column: Column<Row>, row: Row, dates: DateStyle): string {
  const cell = column.value(row);
  if (cell === null || cell === undefined) return '-';
  const text = cellText(cell, dates);
  return visible(column.lines === true ? text.replaceAll('\n', ', ') : text);
}
