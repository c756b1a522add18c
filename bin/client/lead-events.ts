import { defined } from '../../lib/core/defined.ts';
import type * as z from 'zod';
import { leadContract } from '../../daemons/lead/contract.ts';
import { fillPath } from '../../lib/contract/client.ts';
import { parseAnswer } from '../../lib/core/lossless-json.ts';
import { type ConnectionState, followEvents } from './events.ts';
import type { ClientGateway } from './scope.ts';

const route = leadContract.routes.streamLeads;

const eventData = route.responses[200].schema;

/** What happened to a lead, with the lead as it is now. */
export interface LeadEvent extends z.output<typeof eventData> {
  /** Where to resume after it. */
  readonly id: string;
  /** `lead.created`, `lead.updated`, `delivery.updated`. */
  readonly event: string;
}

export interface LeadEventFilter {
  readonly status?: string | undefined;
  readonly source?: string | undefined;
  /** Part of a name, address, number, reference or id, in any case. */
  readonly search?: string | undefined;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly since?: string | undefined;
  readonly filter: LeadEventFilter;
  readonly onState: (state: ConnectionState) => void;
}

/** The client's leads as they happen, until `signal` ends it; see `followEvents` for what it throws. */
export async function* followLeads(
  gateway: ClientGateway,
  { signal, since, filter, onState }: FollowOptions,
): AsyncGenerator<LeadEvent, undefined> {
  const path = fillPath(route.path, { client_id: gateway.clientId });
  const stream = followEvents({
    signal,
    lastEventId: since,
    onState,
    open: (lastEventId, until) =>
      gateway.open({
        method: route.method,
        path,
        signal: until,
        headers: {
          accept: 'text/event-stream',
          ...defined({ 'last-event-id': lastEventId }),
        },
      }),
  });
  for await (const { id, name, data } of stream) {
    const event = { id, event: name, ...eventData.parse(parseAnswer(data)) };
    if (matches(event, filter)) yield event;
  }
  return undefined;
}

function matches({ lead }: LeadEvent, { status, source, search }: LeadEventFilter): boolean {
  if (status !== undefined && lead.status !== status) return false;
  if (source !== undefined && lead.source !== source) return false;
  return search === undefined || searchable(lead).includes(search.toLowerCase());
}

/** The text that a search looks into, in lower case. */
export function searchable(lead: LeadEvent['lead']): string {
  const { id, name, email, phone, lead_reference_id, source, status } = lead;
  return [name, email, phone, lead_reference_id, source, status, id].join(' ').toLowerCase();
}
