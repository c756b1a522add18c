import type { ClientId } from '../../../lib/core/ids.ts';
import { formatPosition, type EventPosition, type LeadEvent } from '../../../lib/events/outbox.ts';
import type { LEAD_EVENTS, StreamedEvent } from '../contract.ts';
import type { LeadOutline } from '../present.ts';

const EVENT_NAMES: Readonly<Record<LeadEvent['kind'], (typeof LEAD_EVENTS)[number]>> = {
  'lead.created': 'lead.created',
  'lead.duplicate': 'lead.updated',
  'lead.updated': 'lead.updated',
  'lead.erased': 'lead.updated',
  'delivery.updated': 'delivery.updated',
};

/** One server-sent event, of the lead as it is now. */
export function renderEvent(event: LeadEvent, lead: LeadOutline): string {
  const data: StreamedEvent = {
    at: event.created_at.toISOString(),
    kind: event.kind,
    lead_id: event.lead_id,
    lead,
    detail: event.data,
  };
  return `id: ${formatPosition(event)}\nevent: ${EVENT_NAMES[event.kind]}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Sent at once, so that a client which reconnects before the first event resumes where it began. */
export function renderOpening(position: EventPosition, clientId: ClientId): string {
  return `id: ${formatPosition(position)}\n: following ${clientId}\n\n`;
}

/** A sign of life; whoever sees few of many events resumes here and not at the last of them. */
export function renderHeartbeat(position: EventPosition): string {
  return `id: ${formatPosition(position)}\n: still here\n\n`;
}
