import type { ClientUnit } from '../../../lib/db/scope.ts';
import { readEventsAfter, type EventPosition } from '../../../lib/events/outbox.ts';
import { presentOutline, type LeadOutline } from '../present.ts';
import { LeadRow, outlineColumns } from '../rows.ts';
import { renderEvent } from './render.ts';

const MOST_EVENTS = 200;

/** An event as it is sent, with what decides who may see it. */
export interface RenderedEvent {
  readonly position: EventPosition;
  /** The lead's assignee as of the reading. */
  readonly assignee: string | null;
  readonly text: string;
}

export interface EventPage {
  /** The last event's position, where the next page begins. */
  readonly upTo: EventPosition;
  /** There may be more at once. */
  readonly isFull: boolean;
  readonly events: readonly RenderedEvent[];
}

/** The client's next events after `position`, oldest first, with their leads as they are now. */
export async function readPage(unit: ClientUnit, position: EventPosition): Promise<EventPage> {
  const { clientId } = unit.scope;
  const events = await readEventsAfter(unit, position, { clientId, limit: MOST_EVENTS });
  const leads = await readLeads(unit, [...new Set(events.map(({ lead_id }) => lead_id))]);
  const last = events.at(-1) ?? position;
  return {
    isFull: events.length === MOST_EVENTS,
    upTo: { xid: last.xid, id: last.id },
    events: events.flatMap((event) => {
      const lead = leads.get(event.lead_id);
      if (lead === undefined) return [];
      const assignee = lead.assigned_to_user_client_id;
      const position = { xid: event.xid, id: event.id };
      return [{ position, assignee, text: renderEvent(event, lead) }];
    }),
  };
}

async function readLeads(
  unit: ClientUnit,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LeadOutline>> {
  if (ids.length === 0) return new Map();
  const rows = await LeadRow.query(unit.trx)
    .select(...outlineColumns())
    .where('client_id', unit.scope.clientId)
    .whereIn('id', [...ids]);
  return new Map(rows.map((row) => [row.id, presentOutline(row)]));
}
