import { z } from 'zod';
import { leastIdAt } from '../../../lib/core/ids.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { seesWholeClient, type UserIdentity } from '../../../lib/identity/identity.ts';
import { STATUSES, type DeliverySummary } from './shapes.ts';
import { leadsInScope } from '../../../lib/hierarchy/scope.ts';

const countRow = z.object({
  status: z.enum(STATUSES),
  lane_key: z.string(),
  count: z.coerce.number(),
});
type CountRow = z.output<typeof countRow>;

const laneRow = z.object({
  lane_key: z.string(),
  destination_id: z.string(),
  name: z.string(),
  kind: z.string(),
  account: z.string(),
  held_at: z.date().nullable(),
  held_code: z.string().nullable(),
  held_message: z.string().nullable(),
  recheck_at: z.date().nullable(),
  paused_until: z.date().nullable(),
});

/** More lanes than these no client has but by mistake; those that are held come first. */
const MOST_LANES = 100;

/** How the client's deliveries stand, of those that the actor may see, and the lanes they run in. */
export async function summarise(
  unit: ClientUnit,
  actor: UserIdentity,
  since: Date,
): Promise<DeliverySummary> {
  const counts = await count(unit, actor, since);
  const lanes = await unit.rows(
    laneRow,
    `SELECT l.lane_key, l.destination_id, t.name, l.kind, l.account, l.held_at, l.held_code,
       l.held_message, l.recheck_at, l.paused_until
     FROM lanes l JOIN destinations t ON t.client_id = l.client_id AND t.id = l.destination_id
     WHERE l.client_id = ? AND t.removed_at IS NULL ORDER BY l.held_at NULLS LAST, l.lane_key LIMIT ?`,
    [unit.scope.clientId, MOST_LANES],
  );
  return {
    since: since.toISOString(),
    by_status: byStatus(counts),
    lanes: lanes.map(({ lane_key: lane, destination_id: id, name, kind, ...state }) => {
      const { held_at, recheck_at, paused_until, ...rest } = state;
      return {
        lane,
        integration: kind,
        destination: { id, name, kind },
        ...rest,
        waiting: total(counts, (c) => c.lane_key === lane && isWaiting(c.status)),
        held_at: held_at?.toISOString() ?? null,
        recheck_at: recheck_at?.toISOString() ?? null,
        paused_until: paused_until?.toISOString() ?? null,
      };
    }),
  };
}

/** What was delivered, skipped or has failed waits for nobody; an unknown one waits for its status. */
function isWaiting(status: CountRow['status']): boolean {
  return status !== 'delivered' && status !== 'failed' && status !== 'skipped';
}

function byStatus(counts: readonly CountRow[]): DeliverySummary['by_status'] {
  const of = (status: CountRow['status']) => total(counts, (c) => c.status === status);
  return {
    pending: of('pending'),
    delivering: of('delivering'),
    delivered: of('delivered'),
    retrying: of('retrying'),
    unknown: of('unknown'),
    failed: of('failed'),
    held: of('held'),
    skipped: of('skipped'),
  };
}

function total(counts: readonly CountRow[], which: (row: CountRow) => boolean): number {
  return counts.filter(which).reduce((sum, row) => sum + row.count, 0);
}

/**
 * One branch for each partial index (open, due, leased), and the ids' order for what ended lately: one
 * condition over all statuses would read every delivery the client ever had.
 */
async function count(unit: ClientUnit, actor: UserIdentity, since: Date): Promise<CountRow[]> {
  const scope = leadsInScope(actor);
  const branch = (which: string): string =>
    `SELECT shown_status(d.status, d.is_trial, l.held_at) AS status, d.lane_key, count(*) AS count
     FROM deliveries d JOIN lanes l ON l.client_id = d.client_id AND l.lane_key = d.lane_key
     ${seesWholeClient(actor) ? '' : 'JOIN leads ON leads.client_id = d.client_id AND leads.id = d.lead_id'}
     WHERE d.client_id = ? AND ${which} AND ${scope.sql} GROUP BY 1, 2`;
  const branches = [
    branch(`d.status IN ('unknown', 'failed', 'held')`),
    branch(`d.status IN ('pending', 'retrying')`),
    branch(`d.status = 'delivering'`),
    branch(`d.status IN ('delivered', 'skipped') AND d.id >= CAST(? AS uuid)`),
  ];
  const { clientId } = unit.scope;
  const always = [clientId, ...scope.bindings];
  return unit.rows(countRow, branches.join(' UNION ALL '), [
    ...always,
    ...always,
    ...always,
    clientId,
    leastIdAt(since),
    ...scope.bindings,
  ]);
}
