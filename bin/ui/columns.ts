import { age } from './age.ts';

/** A value as a command hands it over; a `Date` becomes an age in a table and RFC 3339 elsewhere. */
export type Cell = string | number | boolean | Date | null | undefined;

/** How one property of a row is shown. Declared once a noun, used by every human format. */
export interface Column<Row> {
  /** As a table shows it, e.g. `LAST ERROR`; CSV uses `last_error`. */
  readonly header: string;
  /** In place of `header` where a `Date` is shown as RFC 3339 and not as an age. */
  readonly exactHeader?: string;
  readonly value: (row: Row) => Cell;
  /** Only in `wide` and `csv`. */
  readonly wide?: boolean;
  readonly align?: 'left' | 'right';
  /** Never cut while another column still can be: what one looks for first. */
  readonly keep?: boolean;
  /** An id: cut before anything else, to its end, which commands take in place of the whole. */
  readonly id?: boolean;
  /** One entry a line: each stands on a line of its own where one thing is shown. */
  readonly lines?: boolean;
  /** A text: goes over several lines before it is cut. */
  readonly wrap?: boolean;
}

export type DateStyle = { readonly kind: 'age'; readonly now: Date } | { readonly kind: 'exact' };

/** What stands above a column: an age is not called as the time is that it is counted from. */
export function headingOf<Row>(column: Column<Row>, dates: DateStyle): string {
  return dates.kind === 'exact' ? (column.exactHeader ?? column.header) : column.header;
}

/** A cell as text, not yet made safe to print; nothing is the empty text. */
export function cellText(cell: Cell, dates: DateStyle): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return dates.kind === 'age' ? age(cell, dates.now) : exact(cell);
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return String(cell);
}

function exact(date: Date): string {
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
