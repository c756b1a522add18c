import { z } from 'zod';
import type { ClientUnit } from '../../lib/db/scope.ts';
import { eventActorSchema, type EventActor } from '../../lib/events/actor.ts';
import type { TimelineEntry } from './contract.ts';
import type { LeadRow } from './rows.ts';
import { mergeByTime, SUPPRESSIONS_AS_EVENTS } from './suppressed.ts';

const eventRow = z.object({
  kind: z.string(),
  data: z.record(z.string(), z.unknown()),
  created_at: z.date(),
  actor: eventActorSchema.nullable(),
  /** Of the user or the API key that the actor names; null when there is none. */
  user_email: z.string().nullable(),
  key_name: z.string().nullable(),
});
type EventRow = z.output<typeof eventRow>;

const MOST_ENTRIES = 1_000;

/** What is on record about a lead, oldest first, the newest thousand entries; deliveries write their attempts into the same events. */
export async function readTimeline(
  unit: ClientUnit,
  lead: LeadRow,
  reader: { isAdmin: boolean },
): Promise<TimelineEntry[]> {
  // A lead that a form sent says nothing of its actor in the event: its row has the key.
  const events = `
    SELECT kind, data, created_at, xid, id, CASE
        WHEN actor IS NULL AND kind = 'lead.created' AND CAST(:key AS uuid) IS NOT NULL
        THEN jsonb_build_object('kind', 'api_key', 'id', CAST(:key AS text)) ELSE actor
      END AS actor
    FROM events WHERE client_id = :client AND lead_id = :lead
    ORDER BY xid DESC, id DESC LIMIT :most`;
  return mergeByTime(
    await readEntries(unit, lead, reader, events),
    await readEntries(unit, lead, reader, SUPPRESSIONS_AS_EVENTS),
  );
}

/** Entries of `source`, a query of events; whoever they are by has their name. */
async function readEntries(
  unit: ClientUnit,
  lead: LeadRow,
  reader: { isAdmin: boolean },
  source: string,
): Promise<TimelineEntry[]> {
  const events = await unit.rows(
    eventRow,
    `SELECT e.kind, e.data, e.created_at, e.actor, u.email AS user_email, k.name AS key_name
     FROM (${source}) e
     LEFT JOIN users u ON e.actor ->> 'kind' IN ('member', 'administrator')
       AND u.id = CAST(e.actor ->> 'id' AS uuid)
     LEFT JOIN client_api_keys k ON e.actor ->> 'kind' = 'api_key' AND k.client_id = :client
       AND k.id = CAST(e.actor ->> 'id' AS uuid)
     ORDER BY e.xid, e.id`,
    {
      key: lead.api_key_id,
      client: unit.scope.clientId,
      lead: lead.id,
      phone: lead.phone,
      email: lead.email,
      most: MOST_ENTRIES,
    },
  );
  return events.map((event) => ({
    at: event.created_at.toISOString(),
    kind: timelineKind(event.kind, event.data),
    detail: event.kind === 'lead.created' ? received(lead) : event.data,
    actor: presentActor(event, reader),
  }));
}

function presentActor(event: EventRow, reader: { isAdmin: boolean }): TimelineEntry['actor'] {
  const actor = event.actor ?? ({ kind: 'system' } satisfies EventActor);
  if (!('id' in actor)) return { kind: actor.kind };
  const name = nameOf(actor, event, reader);
  return { kind: actor.kind, id: actor.id, ...(name === null ? {} : { name }) };
}

/** Who runs the platform is told by name to others who do, not to every client. */
function nameOf(
  actor: Extract<EventActor, { id: string }>,
  { user_email, key_name }: EventRow,
  reader: { isAdmin: boolean },
): string | null {
  switch (actor.kind) {
    case 'member':
      return user_email;
    case 'administrator':
      return reader.isAdmin ? user_email : null;
    case 'api_key':
      return key_name;
    case 'machine_token':
      return actor.name;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  'lead.created': 'received',
  'lead.duplicate': 'duplicate',
  'lead.updated': 'updated',
  'lead.erased': 'erased',
};

const CORRECTIONS = ['name', 'email', 'phone', 'product_id'];

function timelineKind(kind: string, data: Readonly<Record<string, unknown>>): string {
  const { status } = data;
  if (kind === 'delivery.updated') {
    return typeof status === 'string' ? `delivery.${status}` : 'delivery';
  }
  if (kind === 'lead.updated' && 'assigned_to' in data) return 'assigned';
  if (kind === 'lead.updated' && CORRECTIONS.some((field) => field in data)) return 'corrected';
  return KINDS[kind] ?? kind;
}

function received(lead: LeadRow): Record<string, unknown> {
  return {
    source: lead.source,
    ...(lead.warnings?.length ? { warnings: lead.warnings } : {}),
    ...(lead.phone_valid === false ? { phone_valid: false } : {}),
  };
}
