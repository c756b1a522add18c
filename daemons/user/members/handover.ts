import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';

const handed = z.object({ count: z.int() });

/**
 * Passes a leaving member's leads to their manager, or to nobody (so to the client's roots), with
 * an event for each, and says how many. One statement, whatever their number.
 */
export async function handOverLeads(
  unit: ClientUnit,
  leads: { from: string; to: string | null; at: Date },
): Promise<number> {
  const result = await unit.one(
    handed,
    `WITH handed AS (
       UPDATE leads SET assigned_to_user_client_id = :to, updated_at = :at
       WHERE client_id = :client AND assigned_to_user_client_id = :from
       RETURNING id),
     told AS (
       INSERT INTO events (client_id, lead_id, kind, data)
       SELECT :client, id, 'lead.updated', CAST(:data AS jsonb) FROM handed)
     SELECT CAST(count(*) AS integer) AS count FROM handed`,
    {
      client: unit.scope.clientId,
      from: leads.from,
      to: leads.to,
      at: leads.at,
      data: JSON.stringify({ assigned_to: [leads.from, leads.to] }),
    },
  );
  return result.count;
}
