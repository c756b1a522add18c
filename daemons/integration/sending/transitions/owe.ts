import { z } from 'zod';
import type { RunStatement, Statement } from '../../../../lib/db/statement.ts';
import { appendUpdates } from './sql.ts';

export interface Owed {
  readonly id: string;
  readonly client_id: string;
  readonly lead_id: string;
  readonly destination_id: string;
  readonly kind: string;
  readonly lane_key: string;
  readonly settings_version: number;
  /** Why it is owed: `created`, `assigned:…`, `backfill`. */
  readonly occasion: string;
}

/** In a lane that is held a delivery is told as held at once; the lanes to wake are those of the others. */
const OWE: Statement<{ lane_key: string }> = {
  name: 'owe-deliveries',
  text: `
    WITH made AS (
      INSERT INTO deliveries (id, client_id, lead_id, destination_id, kind, lane_key, settings_version,
        occasion, status, next_attempt_at)
      SELECT r.id, r.client_id, r.lead_id, r.destination_id, r.kind, r.lane_key, r.settings_version,
        r.occasion, 'pending', now()
      FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS r(id uuid, client_id text, lead_id uuid,
        destination_id uuid, kind text, lane_key text, settings_version integer, occasion text)
      ORDER BY r.lead_id, r.destination_id, r.occasion
      ON CONFLICT (lead_id, destination_id, occasion) DO NOTHING
      RETURNING *
    ), waiting AS (
      SELECT m.id, m.client_id, m.lead_id, m.destination_id, m.kind, m.attempts, m.next_attempt_at,
        m.provider_reference, m.provider_status, l.held_code AS last_error_code,
        l.held_message AS last_error_message
      FROM made m JOIN lanes l ON l.lane_key = m.lane_key WHERE l.held_at IS NOT NULL
    ), told AS (${appendUpdates('waiting', `'held'`)})
    SELECT DISTINCT m.lane_key FROM made m JOIN lanes l ON l.lane_key = m.lane_key
    WHERE l.held_at IS NULL`,
  row: z.object({ lane_key: z.string() }),
};

/** Makes deliveries, one a lead, destination and occasion however often it is called; resolves to the lanes to wake. */
export async function owe(run: RunStatement, owed: readonly Owed[]): Promise<string[]> {
  return (await run(OWE, [JSON.stringify(owed)])).map((row) => row.lane_key);
}
