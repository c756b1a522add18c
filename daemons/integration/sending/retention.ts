import type { Unit } from '../../../lib/db/scope.ts';

/** Forgets the counts of recipients whose messages are out of every count, at most `limit` a call. */
export async function pruneRecipientMessages(
  unit: Unit,
  { limit }: { readonly limit: number },
): Promise<number> {
  return unit.run(
    `DELETE FROM recipient_messages WHERE (client_id, recipient) IN (
       SELECT client_id, recipient FROM recipient_messages
       WHERE updated_at < now() - interval '2 days' ORDER BY updated_at LIMIT ?
     )`,
    [limit],
  );
}
