import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { keepLease } from '../../../../lib/queue/leave.ts';
import { LEASE_MS } from '../lanes.ts';
import { DELIVERIES } from './table.ts';

/** A claimed delivery, and the lease under which it was claimed. */
export interface Leased {
  readonly lease: string;
  readonly id: string;
}

const BEGIN: Statement<{ id: string }> = {
  name: 'begin-deliveries',
  text: `
    UPDATE deliveries d SET is_begun = true, ${keepLease(DELIVERIES, '$3')}
    FROM unnest(CAST($1 AS uuid[]), CAST($2 AS uuid[])) AS given (lease, id)
    WHERE d.id = given.id AND d.lease = given.lease AND d.status = 'delivering'
    RETURNING d.id`,
  row: z.object({ id: z.string() }),
};

/**
 * Says that the calls are about to be made, for any number of lanes; resolves to the ids that are still
 * their lease's own, and no other may be sent. Whoever was away for long learns here that somebody else
 * took over. What has not begun was not sent, whatever becomes of its worker.
 */
export async function begin(
  run: RunStatement,
  given: readonly Leased[],
): Promise<ReadonlySet<string>> {
  const values = [given.map(({ lease }) => lease), given.map(({ id }) => id), LEASE_MS];
  return new Set((await run(BEGIN, values)).map(({ id }) => id));
}
