import { waitingState } from './leave.ts';
import type { QueueTable } from './table.ts';

/**
 * Assignments: its attempts count anew, for instance since waiting while it was held was not its own fault.
 * From whatever state the caller lets go on to `fresh` or, where earlier attempts are remembered, `again`.
 * The caller says when it is due.
 */
export function freshRound(table: QueueTable): string {
  const { row, allAttempts, fresh, roundAttempts } = table;
  const state =
    allAttempts === undefined ? `'${fresh}'` : waitingState(table, `${row}.${allAttempts}`);
  return `status = ${state}, ${roundAttempts} = 0, round_started_at = NULL`;
}
