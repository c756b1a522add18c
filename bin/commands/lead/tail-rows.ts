import { type LeadEvent, searchable } from '../../client/lead-events.ts';
import { visible } from '../../ui/text.ts';
import type { TailRow } from '../../ui/views/tail-state.ts';
import { maskLead } from './view.ts';

/** An event as the live view shows it. The filter finds what is masked, too. */
export function toTailRow(event: LeadEvent, reveal: boolean): TailRow {
  const lead = reveal ? event.lead : maskLead(event.lead);
  return {
    id: event.id,
    leadId: event.lead_id,
    at: new Date(event.at),
    what: visible(whatHappened(event)),
    name: visible(lead.name ?? '-'),
    contact: visible(lead.email ?? lead.phone ?? '-'),
    source: visible(lead.source),
    status: lead.status,
    search: `${searchable(event.lead)} ${whatHappened(event)}`,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  'lead.created': 'received',
  'lead.duplicate': 'duplicate',
  'lead.erased': 'erased',
};

function whatHappened({ kind, detail }: LeadEvent): string {
  if (kind === 'delivery.updated') {
    const { destination, integration, status, provider_status: told, code } = detail;
    // The provider's own word tells a message that was read from one that was taken.
    const what = status === 'delivered' && told === 'read' ? told : status;
    return (
      [destination ?? integration, what, status === 'delivered' ? undefined : code]
        .filter(isText)
        .join(' ') || kind
    );
  }
  if (kind === 'lead.updated') return 'assigned_to' in detail ? 'assigned' : 'updated';
  return WORDS[kind] ?? kind;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
