import type { QueueTable } from './table.ts';

/**
 * A query of the `columns` of rows whose lease is over: their process died in the middle, or hangs. They are
 * locked, so that of several sweeps one settles each; a row that its process is writing about right now is
 * skipped, and settles itself. Those that wait longest come first, `limit` (SQL) at a time, so that a crash
 * of many is no long lock.
 */
export function expired(table: QueueTable, columns: string, limit: string): string {
  const { name, row, claimed } = table;
  return `SELECT ${columns} FROM ${name} ${row}
      WHERE ${row}.status = '${claimed}' AND ${row}.leased_until < now()
      ORDER BY ${row}.leased_until LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
}
