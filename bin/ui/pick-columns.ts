import { usageError } from '../cli/failure.ts';
import type { Cell, Column } from './columns.ts';

/** What of a result is shown, and in which order. */
export interface Picked {
  readonly columns: readonly string[] | undefined;
  readonly sortBy: string | undefined;
  readonly jq: string | undefined;
}

/** The columns of these headings, in their order; a usage error for one that there is not. */
export function pickColumns<Row>(
  columns: readonly Column<Row>[],
  wanted: readonly string[] | undefined,
): readonly Column<Row>[] {
  return wanted === undefined ? columns : wanted.map((name) => columnOf(columns, name));
}

/** Sorted by the column of that heading, nothing at the end; `-heading` the other way round. */
export function sortRows<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  by: string | undefined,
): readonly Row[] {
  if (by === undefined) return rows;
  const { value } = columnOf(columns, by.replace(/^-/, ''));
  const direction = by.startsWith('-') ? -1 : 1;
  return rows.toSorted((a, b) => compare(value(a), value(b), direction));
}

function compare(a: Cell, b: Cell, direction: number): number {
  const isMissing = (cell: Cell): boolean => cell === null || cell === undefined || cell === '';
  if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
  const [left, right] = [comparable(a), comparable(b)];
  if (typeof left === 'number' && typeof right === 'number') return (left - right) * direction;
  return String(left).localeCompare(String(right), 'en', { numeric: true }) * direction;
}

function comparable(cell: Cell): string | number {
  if (typeof cell === 'number') return cell;
  return cell instanceof Date ? cell.getTime() : String(cell);
}

function columnOf<Row>(columns: readonly Column<Row>[], name: string): Column<Row> {
  const wanted = plain(name);
  const found = columns.find(
    ({ header, exactHeader }) =>
      plain(header) === wanted || (exactHeader !== undefined && plain(exactHeader) === wanted),
  );
  if (found !== undefined) return found;
  throw usageError(
    `There is no column '${name}'`,
    `one of ${columns.map(({ header }) => plain(header)).join(', ')}`,
  );
}

/** `LAST ERROR`, `last_error` and `last-error` are the same. */
function plain(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[ _-]+/g, '_');
}
