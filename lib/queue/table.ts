/*
 * A queue is a table whose rows are worked on one after the other, by whichever process is free.
 *
 * - A **lane** is what is worked on in turn: a part of the table that a claim names by a condition.
 * - A **claim** takes due rows of a lane and counts an **attempt** of each, before anything is tried.
 * - A **lease** says whose a claimed row is, and until when. Whoever claimed it writes what became of it
 *   `WHERE lease = …` its own: that is the fence which keeps out one who was away too long.
 * - A **round** is the attempts since the row was new, or was last started anew: back-off and giving up
 *   count from there.
 * - A **hold** keeps rows from being due until somebody acts. What is held, and what lifts it, is the
 *   owner's; `freshRound` is how its rows go on.
 *
 * The files beside this one are the parts of statements that are the same for every queue: each owner puts
 * its own columns and consequences around them, so that one statement still does all that belongs together.
 */

/**
 * The rows have `id`, `status`, `lease`, `leased_until`, `next_attempt_at` and `round_started_at`, and those
 * named here. All of it is fixed text: nothing here may come from outside.
 */
export interface QueueTable {
  readonly name: string;
  /** What a row is called in the statements. */
  readonly row: string;
  /** The states of those that wait: for their first attempt, and for another. */
  readonly fresh: string;
  readonly again: string;
  /** The state of those that are worked on. Exactly these have a lease. */
  readonly claimed: string;
  /** Where attempts of the round are counted. */
  readonly roundAttempts: string;
  /** Where all there ever were are counted; without it only those of the round are. */
  readonly allAttempts?: string;
}

/** That a row waits, whether it is due or not. */
export const waiting = ({ row, fresh, again }: QueueTable): string =>
  `${row}.status IN ('${fresh}', '${again}')`;

/** That a row may be claimed now, as far as the queue knows. */
export const due = (table: QueueTable): string =>
  `${waiting(table)} AND ${table.row}.next_attempt_at <= now()`;

/** Until the next row is due of those that a query selects, in ms; negative when it is overdue, NULL for none. */
export const nextDueMs = ({ row }: QueueTable): string =>
  `CAST(EXTRACT(EPOCH FROM min(${row}.next_attempt_at) - now()) * 1000 AS double precision)`;

/** The moment in so many milliseconds; NULL for NULL. `ms` is SQL. */
export const inMs = (ms: string): string =>
  `now() + CAST(${ms} AS double precision) * interval '1 millisecond'`;
