import type { LeadFacts } from './model.ts';

/**
 * A lead's fields by name, as templates and sheets ask for them: its own columns first, then
 * whatever the form sent. Own names win, so that a form cannot pass for a column of ours.
 */
export function fieldsOf(lead: LeadFacts): Readonly<Record<string, string>> {
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
  return { ...payloadFields(lead.raw_payload), ...own };
}

function payloadFields(payload: unknown): Record<string, string> {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return {};
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]: [string, unknown]) => [name, textOf(value)]),
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.join(', ');
  }
  return JSON.stringify(value);
}
