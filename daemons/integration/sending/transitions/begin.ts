import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { LEASE_MS } from '../lanes.ts';

const BEGIN: Statement<{ id: string }> = {
  name: 'begin-deliveries',
  text: `
    UPDATE deliveries d SET is_begun = true, leased_until = now() + $3 * interval '1 millisecond'
    WHERE d.lease = $1 AND d.status = 'delivering' AND d.id = ANY (CAST($2 AS uuid[]))
    RETURNING d.id`,
  row: z.object({ id: z.string() }),
};

/**
 * Says that the call is about to be made; resolves to the ids that are still the lease's own, and no
 * other may be sent. Whoever was away for long learns here that somebody else took over. What has not
 * begun was not sent, whatever becomes of its worker.
 */
export async function begin(
  run: RunStatement,
  lease: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  return new Set((await run(BEGIN, [lease, [...ids], LEASE_MS])).map(({ id }) => id));
}
