import { raw } from 'objection';
import type { ClientUnit } from '../../lib/db/scope.ts';
import { leadsInScope, reachOf, type Reach, type SqlCondition } from '../../lib/hierarchy/scope.ts';
import type { Membership, UserIdentity } from '../../lib/identity/identity.ts';
import { LeadRow, leadColumns } from './rows.ts';

/** Where one way of listing becomes dearer than the other. */
export interface ListBounds {
  /** Up to so many members below, each one's newest leads are looked up by themselves. */
  readonly mostGathered: number;
  /** Up to so many, it pays to collect them all before looking through the client's newest leads. */
  readonly mostCollected: number;
  /** So many of the client's newest leads are looked at before a large but quiet scope is gathered … */
  readonly windowRows: number;
  /** … and for a collected scope so many a member: about what gathering it would have cost. */
  readonly windowRowsPerMember: number;
}

/** Measured with 100 000 members and 1 000 000 leads: `bench/hierarchy.ts`. */
const MEASURED: ListBounds = {
  mostGathered: 800,
  mostCollected: 5_000,
  windowRows: 20_000,
  windowRowsPerMember: 10,
};

/** A page of leads that is asked for: each call of `matching` begins a query of all that match. */
export interface WantedLeads {
  readonly matching: () => ReturnType<typeof LeadRow.query>;
  readonly limit: number;
}

/**
 * The newest `limit` leads in a member's scope. No one plan serves everybody: whoever sees much of
 * the client finds a page among its newest leads, whoever sees little must not read past all the
 * others’ to find theirs.
 */
export async function newestInScope(
  unit: ClientUnit,
  actor: UserIdentity,
  wanted: WantedLeads,
  bounds: ListBounds = MEASURED,
): Promise<LeadRow[]> {
  const { membership } = actor;
  if (membership === null) return [];
  const reach = await reachOf(unit, membership.id, bounds.mostCollected + 1);
  if (reach.members > bounds.mostCollected) {
    const found = await walkNewest(unit, wanted, bounds.windowRows, leadsInScope(actor));
    if (found.length === wanted.limit) return found;
    // Gathering this many is dear: not when all there is has been looked at.
    if (!(await hasMoreThan(bounds.windowRows, wanted))) return found;
  } else if (reach.members > bounds.mostGathered) {
    const windowRows = reach.members * bounds.windowRowsPerMember;
    const found = await walkNewest(unit, wanted, windowRows, collected(membership, reach));
    if (found.length === wanted.limit) return found;
  }
  return gather(unit, membership.id, wanted, reach);
}

/** Looks through the client's newest leads until enough are in scope. */
async function walkNewest(
  unit: ClientUnit,
  { matching, limit }: WantedLeads,
  windowRows: number,
  scope: SqlCondition,
): Promise<LeadRow[]> {
  const window = matching().select('leads.*').orderBy('leads.id', 'desc').limit(windowRows);
  return LeadRow.query(unit.trx)
    .from(window.as('leads'))
    .select(leadColumns())
    .whereRaw(scope.sql, [...scope.bindings])
    .orderBy('leads.id', 'desc')
    .limit(limit);
}

/** `leadsInScope` with everybody in scope looked up once, beforehand. */
function collected(membership: Membership, { isRoot }: Reach): SqlCondition {
  return {
    // `IS TRUE` keeps this a hash that is built once; a join would cost the order of the window.
    sql: `((leads.assigned_to_user_client_id IN (SELECT descendant_user_client_id
          FROM user_client_hierarchy WHERE client_id = ? AND ancestor_user_client_id = ?)) IS TRUE
        ${isRoot ? 'OR leads.assigned_to_user_client_id IS NULL' : ''})`,
    bindings: [membership.clientId, membership.id],
  };
}

async function hasMoreThan(rows: number, { matching }: WantedLeads): Promise<boolean> {
  const next = await matching()
    .select('leads.id')
    .orderBy('leads.id', 'desc')
    .offset(rows)
    .limit(1);
  return next.length > 0;
}

/**
 * Asks for each member's newest lead, and takes all that a page can need from those members alone
 * whose newest are the newest of all: two look-ups in the index a member, however many leads.
 */
async function gather(
  unit: ClientUnit,
  membershipId: string,
  { matching, limit }: WantedLeads,
  reach: Reach,
): Promise<LeadRow[]> {
  const newestOf = (member: string, most: number) =>
    matching()
      .select('leads.id')
      .whereRaw(`leads.assigned_to_user_client_id = ${member}`)
      .orderBy('leads.id', 'desc')
      .limit(most);
  const unassigned = matching()
    .select('leads.id')
    .whereNull('leads.assigned_to_user_client_id')
    .whereRaw('?', [reach.isRoot])
    .orderBy('leads.id', 'desc')
    .limit(limit);
  return LeadRow.query(unit.trx)
    .select(leadColumns())
    .where('leads.client_id', unit.scope.clientId)
    .where(
      raw(
        `leads.id IN (WITH heads AS MATERIALIZED (
           SELECT link.descendant_user_client_id AS member, head.id
           FROM user_client_hierarchy link CROSS JOIN LATERAL (?) AS head
           WHERE link.client_id = ? AND link.ancestor_user_client_id = ?
           ORDER BY head.id DESC LIMIT ?)
         SELECT newest.id FROM heads CROSS JOIN LATERAL (?) AS newest
         UNION ALL (?)
         ORDER BY id DESC LIMIT ?)`,
        newestOf('link.descendant_user_client_id', 1),
        unit.scope.clientId,
        membershipId,
        limit,
        newestOf('heads.member', limit),
        unassigned,
        limit,
      ),
    )
    .orderBy('leads.id', 'desc');
}
