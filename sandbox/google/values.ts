import { formatA1, parseA1, type Rectangle } from './a1.ts';
import { enter, render, type Cell, type CellValue } from './cells.ts';
import type { ValueInputOption, ValueRenderOption } from './cells.ts';
import type { Spreadsheet, Spreadsheets, Tab } from './spreadsheets.ts';

/** A place in a spreadsheet. */
export interface Target {
  readonly tab: Tab;
  readonly area: Rectangle;
}

export type Values = readonly (readonly (CellValue | null)[])[];

/** The tab and area that A1 notation means in this spreadsheet; undefined where Google cannot parse it. */
export function locate(
  store: Spreadsheets,
  spreadsheet: Spreadsheet,
  range: string,
): Target | undefined {
  const titles = spreadsheet.tabs.map((tab) => tab.title);
  const parsed = parseA1(range, titles);
  const tab = parsed && store.tab(spreadsheet, parsed.sheet);
  return parsed && tab && { tab, area: parsed.area };
}

/** The default grid of a new tab: open ends are shown with it. */
const GRID_ROWS = 1_000;
const GRID_COLUMNS = 26;

export function rangeName({ tab, area }: Target): string {
  const { rows, columns } = tab.grid.extent();
  return formatA1(tab.title, {
    ...area,
    bottom: Number.isFinite(area.bottom) ? area.bottom : Math.max(GRID_ROWS, rows),
    right: Number.isFinite(area.right) ? area.right : Math.max(GRID_COLUMNS, columns),
  });
}

/** Values as the API shows them: empty cells at the end of a row, and empty rows at the end, left out. */
export function readValues({ tab, area }: Target, option: ValueRenderOption): CellValue[][] {
  const rows = tab.grid.read(area).map((row) => withoutTail(row, isEmpty));
  return withoutTail(rows, (row) => row.length === 0).map((row) =>
    Array.from(row, (cell) => render(cell, option)),
  );
}

function isEmpty(cell: Cell): boolean {
  return cell === undefined;
}

function withoutTail<T>(items: readonly T[], isBlank: (item: T) => boolean): T[] {
  return items.slice(0, items.findLastIndex((item) => !isBlank(item)) + 1);
}

export interface Written {
  readonly target: Target;
  readonly rows: number;
  readonly columns: number;
  readonly cells: number;
}

/** Writes values from the target's corner: null keeps what is there, an empty string empties it. */
export function writeValues(target: Target, values: Values, option: ValueInputOption): Written {
  const { tab, area } = target;
  const { top, left } = area;
  tab.grid.write(
    top,
    left,
    values.map((row) => row.map((value) => entered(value, option))),
  );
  values.forEach((row, index) =>
    row.forEach((value, offset) => {
      if (value === '') tab.grid.clearCell(top + index, left + offset);
    }),
  );
  const columns = values.reduce((most, row) => Math.max(most, row.length), 0);
  const bottom = top + Math.max(1, values.length);
  return {
    target: { tab, area: { top, left, bottom, right: left + Math.max(1, columns) } },
    rows: values.length,
    columns,
    cells: values.reduce((sum, row) => sum + row.length, 0),
  };
}

function entered(value: CellValue | null, option: ValueInputOption): Cell {
  return value === null ? undefined : enter(value, option);
}

/** Where rows appended to `target` go: below the last table that begins in it, in its first column. */
export function placeAfterTable({ tab, area }: Target): { table?: Rectangle; at: Rectangle } {
  const table = tab.grid.lastTable(area);
  if (table === undefined) return { at: { ...area, bottom: area.top + 1, right: area.left + 1 } };
  const { bottom, left } = table;
  return { table, at: { top: bottom, left, bottom: bottom + 1, right: left + 1 } };
}

export function transpose(values: Values): (CellValue | null)[][] {
  const width = values.reduce((most, row) => Math.max(most, row.length), 0);
  return Array.from({ length: width }, (_, column) => values.map((row) => row[column] ?? ''));
}
