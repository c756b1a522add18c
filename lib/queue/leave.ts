import { inMs, type QueueTable } from './table.ts';

/** Assignments: nobody's any more. Goes with a status that is not `claimed`, and `WHERE lease = …` one's own. */
export const LEAVING = 'lease = NULL, leased_until = NULL';

/**
 * An assignment: the lease lasts for at least half of `leaseMs` (SQL) from now. One that does is left as it
 * is, since `leased_until` is indexed: where nothing indexed changes, PostgreSQL writes to no index at all.
 */
export const keepLease = ({ row }: QueueTable, leaseMs: string): string =>
  `leased_until = CASE WHEN ${row}.leased_until < ${inMs(`${leaseMs} / 2`)} THEN ${inMs(leaseMs)}
          ELSE ${row}.leased_until END`;

/** The state in which a row waits that had so many attempts before; `attempts` is SQL. */
export const waitingState = ({ fresh, again }: QueueTable, attempts: string): string =>
  `CASE WHEN ${attempts} > 0 THEN '${again}' ELSE '${fresh}' END`;

/** Assignments: as if it had not been claimed. The caller says when it is due again. */
export function puttingBack(table: QueueTable): string {
  const counts = [table.roundAttempts, table.allAttempts ?? []].flat();
  const before = `${table.row}.${table.allAttempts ?? table.roundAttempts} - 1`;
  return `status = ${waitingState(table, before)}, ${LEAVING},
        ${counts.map((count) => `${count} = ${table.row}.${count} - 1`).join(', ')}`;
}
