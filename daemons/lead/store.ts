import { violatedConstraint } from '../../lib/db/errors.ts';
import { containing } from '../../lib/db/like.ts';
import type { ClientUnit } from '../../lib/db/scope.ts';
import { leadsInScope } from '../../lib/hierarchy/scope.ts';
import { seesWholeClient, type UserIdentity } from '../../lib/identity/identity.ts';
import type { LeadFilters } from './contract.ts';
import { LeadRow, leadColumns } from './rows.ts';
import { newestInScope } from './scoped-list.ts';
import type { LeadPatch } from './writing/change.ts';

/** The client's leads that the actor may act on; every query of leads starts here. */
function leadsOf(unit: ClientUnit, actor: UserIdentity) {
  const scope = leadsInScope(actor);
  return LeadRow.query(unit.trx)
    .select(leadColumns())
    .where('leads.client_id', unit.scope.clientId)
    .whereRaw(scope.sql, [...scope.bindings]);
}

/** At most `limit + 1` leads, newest first: the extra one tells that there is a next page. */
export async function listLeads(
  unit: ClientUnit,
  actor: UserIdentity,
  filters: LeadFilters,
  beforeId: string | undefined,
): Promise<LeadRow[]> {
  const limit = filters.limit + 1;
  const matching = () => matchingLeads(unit, filters, beforeId);
  // One assignee's leads are few and have an index: there is nothing to be clever about.
  if (!seesWholeClient(actor) && filters.assigned_to === undefined) {
    return newestInScope(unit, actor, { matching, limit });
  }
  const scope = leadsInScope(actor);
  return matching()
    .select(leadColumns())
    .whereRaw(scope.sql, [...scope.bindings])
    .orderBy('leads.id', 'desc')
    .limit(limit);
}

/** All of the client's leads that match, whoever may see them. */
function matchingLeads(unit: ClientUnit, filters: LeadFilters, beforeId: string | undefined) {
  const query = LeadRow.query(unit.trx).where('leads.client_id', unit.scope.clientId);
  if (beforeId !== undefined) void query.where('leads.id', '<', beforeId);
  if (filters.source !== undefined) void query.where('leads.source', filters.source);
  if (filters.status !== undefined) void query.where('leads.status', filters.status);
  if (filters.product_id !== undefined) void query.where('leads.product_id', filters.product_id);
  if (filters.assigned_to === 'none') void query.whereNull('leads.assigned_to_user_client_id');
  else if (filters.assigned_to !== undefined) {
    void query.where('leads.assigned_to_user_client_id', filters.assigned_to);
  }
  if (filters.created_after !== undefined) {
    void query.where('leads.created_at', '>', filters.created_after);
  }
  if (filters.created_before !== undefined) {
    void query.where('leads.created_at', '<', filters.created_before);
  }
  if (filters.q !== undefined) {
    const pattern = containing(filters.q);
    void query.where((either) => {
      void either
        .where('leads.name', 'ilike', pattern)
        .orWhere('leads.email', 'ilike', pattern)
        .orWhere('leads.phone', 'ilike', pattern)
        .orWhere('leads.lead_reference_id', 'ilike', pattern);
    });
  }
  return query;
}

export async function findLead(
  unit: ClientUnit,
  actor: UserIdentity,
  id: string,
): Promise<LeadRow | undefined> {
  return leadsOf(unit, actor).findById(id);
}

/** As findLead, and nobody else changes the row until the transaction ends. */
export async function lockLead(
  unit: ClientUnit,
  actor: UserIdentity,
  id: string,
): Promise<LeadRow | undefined> {
  return leadsOf(unit, actor).findById(id).forUpdate();
}

/** Whether a product was taken from the client while a lead of it was written; the transaction is lost. */
export function isProductGone(error: unknown): boolean {
  return violatedConstraint(error) === 'leads_client_id_product_id_fkey';
}

/** The lead as changed; `'product_gone'` when its product was taken from the client just now. */
export async function updateLead(
  unit: ClientUnit,
  id: string,
  change: LeadPatch & { updated_at: Date },
): Promise<LeadRow | 'product_gone' | undefined> {
  try {
    return await LeadRow.query(unit.trx)
      .patch(change)
      .where({ client_id: unit.scope.clientId, id })
      .returning(leadColumns())
      .first();
  } catch (error) {
    if (isProductGone(error)) return 'product_gone';
    throw error;
  }
}

/** The country whose numbers a phone without prefix is taken for. */
export async function defaultCountry(unit: ClientUnit): Promise<string | null> {
  const client = await unit
    .trx<{ client_id: string; default_country: string | null }>('clients')
    .where('client_id', unit.scope.clientId)
    .first('default_country');
  return client?.default_country ?? null;
}
