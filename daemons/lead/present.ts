import { readPayload } from '../../lib/db/payload.ts';
import type { Lead } from './contract.ts';
import type { StoredLead } from './rows.ts';

/** A lead without what was sent in, which may be large. */
export type LeadOutline = Omit<Lead, 'raw_payload'>;

/** The lead as the API shows it. */
export function present(row: StoredLead): Lead {
  return { ...presentOutline(row), raw_payload: readPayload(row.raw_payload) };
}

export function presentOutline(row: Omit<StoredLead, 'raw_payload'>): LeadOutline {
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
    consent: readPayload(row.consent),
    status: row.status,
    assigned_to_user_client_id: row.assigned_to_user_client_id,
    warnings: row.warnings ?? [],
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    erased_at: row.erased_at?.toISOString() ?? null,
  };
}
