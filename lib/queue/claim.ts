import { due, inMs, type QueueTable } from './table.ts';

export interface Claiming {
  /** Which rows of the table: the lane, and what else has to be so. SQL. */
  readonly where: string;
  /** Placeholders, or other SQL. */
  readonly limit: string;
  readonly lease: string;
  readonly leaseMs: string;
  /** What else is set, beginning with a comma. */
  readonly also?: string;
}

/**
 * The CTEs `due` and `claimed`: takes due rows, those that have waited longest first, from `fresh` or `again`
 * to `claimed`. The attempt counts from here, whether or not its process lives to tell how it went. The rows
 * are locked, and those that somebody else has locked are skipped, so that a claim never waits for one who
 * is about to finish and no row is claimed twice. The database's clock decides, so that hosts need not agree.
 */
export function claiming(table: QueueTable, claim: Claiming): string {
  const { name, row } = table;
  const counts = [table.roundAttempts, table.allAttempts ?? []].flat();
  return `due AS (
      SELECT ${row}.id FROM ${name} ${row} WHERE ${due(table)} AND ${claim.where}
      ORDER BY ${row}.next_attempt_at, ${row}.id LIMIT ${claim.limit} FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE ${name} ${row} SET status = '${table.claimed}', lease = ${claim.lease},
        leased_until = ${inMs(claim.leaseMs)}, next_attempt_at = NULL,
        ${counts.map((count) => `${count} = ${row}.${count} + 1`).join(', ')},
        round_started_at = COALESCE(${row}.round_started_at, now())${claim.also ?? ''}
      FROM due WHERE ${row}.id = due.id
      RETURNING ${row}.*
    )`;
}
