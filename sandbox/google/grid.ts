import type { Rectangle } from './a1.ts';
import type { Cell } from './cells.ts';

/** One tab's cells. Rows are sparse at their end: what was never written is undefined. */
export interface Grid {
  /** Cells written so far, whatever they hold. */
  cellCount(): number;
  /** The smallest area from A1 that holds everything. */
  extent(): { rows: number; columns: number };
  read(area: Rectangle): Cell[][];
  /** Writes `rows` with their first cell at (top, left); an undefined cell leaves what is there. */
  write(top: number, left: number, rows: readonly (readonly Cell[])[]): void;
  clearCell(row: number, column: number): void;
  insertRows(at: number, count: number): void;
  /** The last block of neighbouring cells that begins inside `area`, grown beyond it where data goes on. */
  lastTable(area: Rectangle): Rectangle | undefined;
}

export function createGrid(): Grid {
  const rows: Cell[][] = [];
  const isFilled = (row: number, column: number) => rows[row]?.[column] !== undefined;
  const columns = () => rows.reduce((most, row) => Math.max(most, row.length), 0);

  function write(top: number, left: number, values: readonly (readonly Cell[])[]): void {
    while (rows.length < top) rows.push([]);
    values.forEach((cells, index) => {
      const row = (rows[top + index] ??= []);
      cells.forEach((cell, offset) => {
        if (cell !== undefined) put(row, left + offset, cell);
      });
    });
  }

  return {
    cellCount: () => rows.reduce((sum, row) => sum + row.length, 0),
    extent: () => ({ rows: rows.length, columns: columns() }),
    read: (area) =>
      rows.slice(area.top, area.bottom).map((row) => row.slice(area.left, area.right)),
    write,
    clearCell(row, column) {
      const cells = rows[row];
      if (cells && column < cells.length) cells[column] = undefined;
    },
    insertRows(at, count) {
      if (at < rows.length) rows.splice(at, 0, ...Array.from({ length: count }, (): Cell[] => []));
    },
    lastTable(area) {
      for (let row = Math.min(area.bottom, rows.length) - 1; row >= area.top; row -= 1) {
        const cells = rows[row] ?? [];
        for (let column = area.left; column < Math.min(area.right, cells.length); column += 1) {
          if (isFilled(row, column)) return grow(row, column);
        }
      }
      return undefined;
    },
  };

  /** Widens a one-cell table until no neighbour, diagonal ones included, holds anything. */
  function grow(row: number, column: number): Rectangle {
    let box = { top: row, left: column, bottom: row + 1, right: column + 1 };
    for (;;) {
      const wider = widen(box);
      if (wider === box) return box;
      box = wider;
    }
  }

  function widen(box: Rectangle): Rectangle {
    const { top, left, bottom, right } = box;
    if (anyInRow(top - 1, left, right)) return { ...box, top: top - 1 };
    if (anyInRow(bottom, left, right)) return { ...box, bottom: bottom + 1 };
    if (left > 0 && anyInColumn(left - 1, top, bottom)) return { ...box, left: left - 1 };
    if (anyInColumn(right, top, bottom)) return { ...box, right: right + 1 };
    return box;
  }

  function anyInRow(row: number, left: number, right: number): boolean {
    for (let column = Math.max(0, left - 1); column <= right; column += 1) {
      if (isFilled(row, column)) return true;
    }
    return false;
  }

  function anyInColumn(column: number, top: number, bottom: number): boolean {
    for (let row = Math.max(0, top - 1); row <= bottom; row += 1) {
      if (isFilled(row, column)) return true;
    }
    return false;
  }
}

function put(row: Cell[], column: number, cell: Cell): void {
  while (row.length < column) row.push(undefined);
  row[column] = cell;
}
