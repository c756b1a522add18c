import { z } from 'zod';
import type { ClientUnit, Unit } from '../db/scope.ts';

export const EVENT_KINDS = [
  'lead.created',
  'lead.duplicate',
  'lead.updated',
  'lead.erased',
  'delivery.updated',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** A place in the order of commits, as `xid-id`: what `Last-Event-ID` carries. */
export interface EventPosition {
  readonly xid: string;
  readonly id: string;
}

export interface LeadEvent extends EventPosition {
  readonly client_id: string;
  readonly lead_id: string;
  readonly kind: EventKind;
  readonly data: Readonly<Record<string, unknown>>;
  readonly created_at: Date;
}

const positionRow = z.object({ xid: z.string(), id: z.string() });

const eventRow = positionRow.extend({
  client_id: z.string(),
  lead_id: z.string(),
  kind: z.enum(EVENT_KINDS),
  data: z.record(z.string(), z.unknown()),
  created_at: z.date(),
});

export const formatPosition = ({ xid, id }: EventPosition): string => `${xid}-${id}`;

export function parsePosition(text: string): EventPosition | undefined {
  const [, xid, id] = /^(\d{1,19})-(\d{1,18})$/.exec(text) ?? [];
  return xid === undefined || id === undefined ? undefined : { xid, id };
}

/** Whether `one` comes after `other` in the order of commits. */
export function isAfter(one: EventPosition, other: EventPosition): boolean {
  const [oneXid, otherXid] = [BigInt(one.xid), BigInt(other.xid)];
  return oneXid > otherXid || (oneXid === otherXid && BigInt(one.id) > BigInt(other.id));
}

/** Appends an event in the transaction of the change that it tells of. */
export async function appendEvent(
  unit: ClientUnit,
  event: { leadId: string; kind: EventKind; data?: Record<string, unknown> },
): Promise<void> {
  await unit.run('INSERT INTO events (client_id, lead_id, kind, data) VALUES (?, ?, ?, ?::jsonb)', [
    unit.scope.clientId,
    event.leadId,
    event.kind,
    JSON.stringify(event.data ?? {}),
  ]);
}

/**
 * Events after `position`, oldest first. Only those below the oldest transaction still running are
 * read: a slow one would otherwise commit behind the reader's back and be passed by for good.
 */
export async function readEventsAfter(
  unit: Unit,
  position: EventPosition,
  options: { clientId?: string; limit: number },
): Promise<LeadEvent[]> {
  const ofClient = options.clientId === undefined ? '' : 'client_id = :clientId AND';
  // Ordered by the columns: by their bare names it would be by the texts that are selected.
  return unit.rows(
    eventRow,
    `SELECT xid::text, id::text, client_id, lead_id, kind, data, created_at FROM events
     WHERE ${ofClient} (xid, id) > (CAST(:xid AS xid8), CAST(:id AS bigint))
       AND xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY events.xid, events.id LIMIT :limit`,
    { xid: position.xid, id: position.id, limit: options.limit, clientId: options.clientId ?? '' },
  );
}

/**
 * The position of the client's last event that a reader starting now can see, or the one before all
 * events. Unlike `currentPosition` it is of something committed, so a crash cannot take it back.
 */
export async function lastPosition(unit: ClientUnit): Promise<EventPosition> {
  const result = await unit.maybeOne(
    positionRow,
    `SELECT xid::text, id::text FROM events
     WHERE client_id = ? AND xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY events.xid DESC, events.id DESC LIMIT 1`,
    [unit.scope.clientId],
  );
  return result ?? { xid: '0', id: '0' };
}

/** The position after everything that a reader starting now can already see. */
export async function currentPosition(unit: Unit): Promise<EventPosition> {
  const result = await unit.one(
    z.object({ xid: z.string() }),
    `SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::numeric - 1)::text AS xid`,
  );
  return { ...result, id: '9'.repeat(18) };
}

/** Rows of a raw statement: pg's result object, typed by whoever parses the rows. */
export function rowsOf(result: unknown): unknown[] {
  return z.object({ rows: z.array(z.unknown()) }).parse(result).rows;
}
