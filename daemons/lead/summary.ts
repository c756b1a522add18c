import { z } from 'zod';
import { leastIdAt } from '../../lib/core/ids.ts';
import type { ClientUnit } from '../../lib/db/scope.ts';
import { leadsInScope } from '../../lib/hierarchy/scope.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';

const minuteRow = z.object({ minutes_ago: z.int(), count: z.coerce.number() });

const MINUTE_MS = 60_000;

/**
 * Leads in the actor's scope of each of the last `minutes` minutes before `at`, the oldest first. Ids are
 * in order of time and have the index: it bounds what is read, `created_at` says which minute it is.
 */
export async function countPerMinute(
  unit: ClientUnit,
  actor: UserIdentity,
  at: Date,
  minutes: number,
): Promise<number[]> {
  const scope = leadsInScope(actor);
  // An id may be a little older than the moment written beside it.
  const floor = leastIdAt(new Date(at.getTime() - (minutes + 1) * MINUTE_MS));
  const result = await unit.rows(
    minuteRow,
    `SELECT CAST(floor(extract(epoch FROM CAST(? AS timestamptz) - leads.created_at) / 60) AS integer)
       AS minutes_ago, count(*) AS count
     FROM leads WHERE leads.client_id = ? AND leads.id >= CAST(? AS uuid) AND ${scope.sql}
     GROUP BY 1`,
    [at, unit.scope.clientId, floor, ...scope.bindings],
  );
  const counts = Array.from({ length: minutes }, () => 0);
  for (const { minutes_ago: ago, count } of result) {
    // A lead that another machine's clock dates a moment ahead counts as just now.
    const place = minutes - 1 - Math.max(0, ago);
    if (place >= 0) counts[place] = (counts[place] ?? 0) + count;
  }
  return counts;
}
