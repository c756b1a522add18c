import { z } from 'zod';
import type { ClientUnit, Unit } from '../../../lib/db/scope.ts';

/** A kind of refusal within a minute; an empty text where there is nothing to say. */
export interface RefusalCount {
  readonly client_id: string;
  readonly minute: Date;
  readonly key_id: string;
  readonly origin: string;
  readonly ip: string;
  readonly reason: string;
  readonly count: number;
  readonly last_at: Date;
}

/** Counts up. In the order of the primary key, so that two processes do not wait for one another in a circle. */
export async function addRefusals(unit: Unit, counts: readonly RefusalCount[]): Promise<void> {
  await unit.run(
    `INSERT INTO refusals (client_id, minute, key_id, origin, ip, reason, count, last_at)
     SELECT t.client_id, t.minute, t.key_id, t.origin, t.ip, t.reason, t.count, t.last_at
     FROM jsonb_to_recordset(CAST(? AS jsonb)) AS t(client_id text, minute timestamptz, key_id uuid,
       origin text, ip text, reason text, count integer, last_at timestamptz)
     JOIN client_api_keys k ON k.client_id = t.client_id AND k.id = t.key_id
     ORDER BY 1, 2, 3, 4, 5, 6
     ON CONFLICT (client_id, minute, key_id, origin, ip, reason) DO UPDATE
       SET count = refusals.count + EXCLUDED.count, last_at = EXCLUDED.last_at`,
    [JSON.stringify(counts)],
  );
}

const total = z.object({
  key_id: z.string(),
  key_name: z.string(),
  key_prefix: z.string(),
  origin: z.string(),
  ip: z.string(),
  reason: z.string(),
  count: z.coerce.number(),
  first_at: z.date(),
  last_at: z.date(),
});
export type RefusalTotal = z.output<typeof total>;

/** Where a page ends; the texts are compared as they are. */
export const refusalCursor = z.tuple([
  z.string().regex(/^\d{1,15}$/),
  z.uuid(),
  z.string(),
  z.string(),
  z.string(),
]);
export type RefusalCursor = z.output<typeof refusalCursor>;

/** At most `limit + 1` kinds, the most frequent first. */
export async function totalRefusals(
  unit: ClientUnit,
  filters: { since: Date; until: Date | null; limit: number },
  after: RefusalCursor | undefined,
): Promise<RefusalTotal[]> {
  const [count, keyId, origin, ip, reason] = after ?? [];
  return unit.rows(
    total,
    `SELECT k.id AS key_id, k.name AS key_name, k.key_prefix, t.origin, t.ip, t.reason, t.count,
       t.first_at, t.last_at
     FROM (
       SELECT key_id, origin, ip, reason, sum(count) AS count, min(minute) AS first_at,
         max(last_at) AS last_at
       FROM refusals
       WHERE client_id = :client AND minute >= date_trunc('minute', CAST(:since AS timestamptz))
         AND (CAST(:until AS timestamptz) IS NULL OR minute < CAST(:until AS timestamptz))
       GROUP BY key_id, origin, ip, reason) t
     JOIN client_api_keys k ON k.client_id = :client AND k.id = t.key_id
     WHERE CAST(:count AS numeric) IS NULL OR (-t.count, t.key_id, t.origin, t.ip, t.reason) >
       (-CAST(:count AS numeric), CAST(:keyId AS uuid), :origin, :ip, :reason)
     ORDER BY -t.count, t.key_id, t.origin, t.ip, t.reason LIMIT :limit`,
    {
      client: unit.scope.clientId,
      since: filters.since,
      until: filters.until,
      limit: filters.limit + 1,
      count: count ?? null,
      keyId: keyId ?? null,
      origin: origin ?? '',
      ip: ip ?? '',
      reason: reason ?? '',
    },
  );
}

/** Forgets counts older than this, at most `limit` a call: call again until fewer are gone. */
export async function pruneRefusals(
  unit: Unit,
  options: { keepDays: number; limit: number },
): Promise<number> {
  return unit.run(
    `DELETE FROM refusals WHERE (client_id, minute, key_id, origin, ip, reason) IN (
       SELECT client_id, minute, key_id, origin, ip, reason FROM refusals
       WHERE minute < now() - CAST(:keepDays AS float8) * interval '1 day'
       ORDER BY minute LIMIT :limit
     )`,
    options,
  );
}
