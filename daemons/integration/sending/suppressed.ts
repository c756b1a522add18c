import { z } from 'zod';
import type { RunStatement, Statement } from '../../../lib/db/statement.ts';
import type { SuppressionChannel } from '../suppressions/shapes.ts';

const FIND: Statement<{ address: string }> = {
  name: 'find-suppressed-addresses',
  text: `
    SELECT given.address FROM unnest(CAST($3 AS text[])) AS given (address)
    WHERE EXISTS (SELECT FROM suppressions s WHERE s.client_id = $1 AND s.channel = $2
      AND recipient_key(s.address) = recipient_key(lower(given.address)) AND s.lifted_at IS NULL)`,
  row: z.object({ address: z.string() }),
};

/** Those of the addresses that the client may not write to by this channel, as they were given. */
export async function suppressedOf(
  run: RunStatement,
  clientId: string,
  channel: SuppressionChannel,
  addresses: readonly string[],
): Promise<ReadonlySet<string>> {
  if (addresses.length === 0) return new Set();
  const rows = await run(FIND, [clientId, channel, [...addresses]]);
  return new Set(rows.map(({ address }) => address));
}
