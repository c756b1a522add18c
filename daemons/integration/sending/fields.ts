import { payloadTexts } from '../../../lib/core/payload-text.ts';
import { sentText } from '../../../lib/db/payload.ts';
import type { ClaimedDelivery } from './model.ts';

/**
 * A lead's fields by name, as templates and sheets ask for them: its own columns first, then
 * whatever the form sent. Own names win, so that a form cannot pass for a column of ours.
 */
export function fieldsOf({
  lead,
  payload,
}: Pick<ClaimedDelivery, 'lead' | 'payload'>): Readonly<Record<string, string>> {
  const own = {
    id: lead.id,
    lead_id: lead.id,
    created_at: lead.created_at.toISOString(),
    name: lead.name ?? '',
    email: lead.email ?? '',
    phone: lead.phone ?? '',
    source: lead.source,
    status: lead.status,
    product: lead.product ?? '',
    lead_reference_id: lead.lead_reference_id ?? '',
  };
  const fields: Record<string, string> = { ...payloadTexts(sentText(payload)), ...own };
  // What every object has, such as `constructor`, is no field of a lead.
  Object.setPrototypeOf(fields, null);
  return fields;
}
