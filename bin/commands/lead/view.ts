import type { Lead, TimelineEntry } from '../../../daemons/lead/contract.ts';
import type { Column } from '../../ui/columns.ts';
import { maskEmail, maskName, maskPhone } from '../../ui/mask.ts';
import { hidePayload, maskDetail } from '../../ui/mask-payload.ts';

const columns: readonly Column<Lead>[] = [
  { header: 'ID', value: (row) => row.id, id: true },
  { header: 'AGE', exactHeader: 'CREATED AT', value: (row) => new Date(row.created_at) },
  { header: 'NAME', value: (row) => row.name },
  { header: 'EMAIL', value: (row) => row.email },
  { header: 'PHONE', value: (row) => row.phone, wide: true },
  { header: 'SOURCE', value: (row) => row.source },
  { header: 'STATUS', value: (row) => row.status },
  { header: 'ASSIGNED TO', value: (row) => row.assigned_to_user_client_id, wide: true },
  { header: 'PRODUCT', value: (row) => row.product_id, wide: true },
  { header: 'REFERENCE', value: (row) => row.lead_reference_id, wide: true },
  { header: 'WARNINGS', value: (row) => row.warnings.join('; ') || null, wide: true },
];

/** What identifies a person, hidden; everything else stays. */
export function maskLead<Shown extends PersonalData>(lead: Shown): Shown {
  return {
    ...lead,
    name: lead.name === null ? null : maskName(lead.name),
    email: lead.email === null ? null : maskEmail(lead.email),
    phone: lead.phone === null ? null : maskPhone(lead.phone),
    consent: hidePayload(lead.consent),
    ...('raw_payload' in lead ? { raw_payload: hidePayload(lead.raw_payload) } : {}),
  };
}

interface PersonalData {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly consent: unknown;
  readonly raw_payload?: unknown;
}

export const leadView = {
  columns,
  name: (row: Lead) => row.id,
  mask: (row: Lead) => maskLead(row),
  empty:
    'No leads found. Try: leadctl lead ingest --name Test --email test@example.com --key-file FILE',
};

export const timelineView = {
  columns: [
    // Not as an age: what counts is how long one thing came after the other.
    { header: 'AT', value: (row: TimelineEntry) => clockText(row.at), keep: true },
    { header: 'KIND', value: (row: TimelineEntry) => row.kind, keep: true },
    { header: 'BY', value: (row: TimelineEntry) => actorText(row.actor) },
    { header: 'DETAIL', value: (row: TimelineEntry) => detailText(newIn(row)), wrap: true },
    { header: 'TIME', value: (row: TimelineEntry) => row.at, wide: true },
  ] satisfies Column<TimelineEntry>[],
  name: (row: TimelineEntry) => row.kind,
  mask: (row: TimelineEntry) => ({ ...row, detail: maskDetail(maskCorrection(row.detail)) }),
};

/** `11-25 02:24:41.928`: room for what happened; -o wide has the whole. */
function clockText(at: string): string {
  return at.slice(5, 23).replace('T', ' ');
}

/** Without what the line says already: the status in its kind, the kind of provider in its destination's name. */
function newIn({ kind, detail }: TimelineEntry): Readonly<Record<string, unknown>> {
  const { status, integration, ...rest } = detail;
  return {
    ...rest,
    ...(kind === `delivery.${String(status)}` ? {} : { status }),
    ...(integration === detail['destination'] ? {} : { integration }),
  };
}

const CONTACTS = { name: maskName, email: maskEmail, phone: maskPhone };

/** A correction holds what was there before and after. */
function maskCorrection(detail: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const masked: Record<string, unknown> = { ...detail };
  for (const [field, mask] of Object.entries(CONTACTS)) {
    const pair = masked[field];
    if (Array.isArray(pair)) {
      masked[field] = pair.map((value) => (typeof value === 'string' ? mask(value) : null));
    }
  }
  return masked;
}

/** `rep@acme.example`, `API key website`, `Meta`: who did it, in the words of whoever reads along. */
export function actorText({ kind, name, id }: TimelineEntry['actor']): string {
  const known = name ?? id ?? '';
  switch (kind) {
    case 'member':
      return known;
    case 'administrator':
      return name === undefined ? 'an administrator' : `${name} (administrator)`;
    case 'api_key':
      return `API key ${known}`;
    case 'machine_token':
      return `token ${known}`;
    case 'meta':
      return 'Meta';
    case 'system':
      return 'system';
  }
}

/** What tells most, whatever order the database keeps it in; the rest follows, ids last. */
const FIRST = ['destination', 'integration', 'attempt', 'code', 'message', 'provider_reference'];
const LAST = ['status', 'delivery_id'];

/** `integration=slack attempt=1 code=channel_not_found`: what is not a text or a number, as JSON. */
export function detailText(detail: Readonly<Record<string, unknown>>): string {
  const rank = (key: string): number => {
    if (FIRST.includes(key)) return FIRST.indexOf(key);
    return FIRST.length + 1 + LAST.indexOf(key);
  };
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
