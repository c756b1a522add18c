import type { Lead } from './contract.ts';
import type { LeadRow } from './rows.ts';

/** A lead without what was sent in, which may be large. */
export type LeadOutline = Omit<Lead, 'raw_payload'>;

/** What an outline is made of; a query for outlines need read no more. */
export const OUTLINE_COLUMNS = [
  'id',
  'client_id',
  'name',
  'email',
  'phone',
  'phone_valid',
  'source',
  'lead_reference_id',
  'product_id',
  'consent',
  'status',
  'assigned_to_user_client_id',
  'warnings',
  'created_at',
  'updated_at',
  'erased_at',
] as const satisfies readonly (keyof LeadRow)[];

/** The lead as the API shows it. */
export function present(row: LeadRow): Lead {
  return { ...presentOutline(row), raw_payload: row.raw_payload };
}

export function presentOutline(row: Pick<LeadRow, (typeof OUTLINE_COLUMNS)[number]>): LeadOutline {
  return {
    id: row.id,
    client_id: row.client_id,
    name: row.name,
    email: row.email,
    phone: row.phone,
    phone_valid: row.phone_valid,
    source: row.source,
    lead_reference_id: row.lead_reference_id,
    product_id: row.product_id,
    consent: row.consent,
    status: row.status,
    assigned_to_user_client_id: row.assigned_to_user_client_id,
    warnings: row.warnings ?? [],
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    erased_at: row.erased_at?.toISOString() ?? null,
  };
}
