import { z } from 'zod';
import type { ClientUnit } from '../../lib/db/scope.ts';
import { rowsOf } from '../../lib/events/outbox.ts';
import type { TimelineEntry } from './contract.ts';
import type { LeadRow } from './rows.ts';

const eventRow = z.object({
  kind: z.string(),
  data: z.record(z.string(), z.unknown()),
  created_at: z.date(),
});

const MOST_ENTRIES = 1_000;

/** What is on record about a lead, oldest first, the newest thousand entries; deliveries write their attempts into the same events. */
export async function readTimeline(unit: ClientUnit, lead: LeadRow): Promise<TimelineEntry[]> {
  const result: unknown = await unit.trx.raw(
    `SELECT kind, data, created_at FROM (
       SELECT kind, data, created_at, xid, id FROM events WHERE client_id = ? AND lead_id = ?
       ORDER BY xid DESC, id DESC LIMIT ?) newest
     ORDER BY xid, id`,
    [unit.scope.clientId, lead.id, MOST_ENTRIES],
  );
  return rowsOf(result).map((row) => {
    const event = eventRow.parse(row);
    return {
      at: event.created_at.toISOString(),
      kind: timelineKind(event.kind, event.data),
      detail: event.kind === 'lead.created' ? received(lead) : event.data,
    };
  });
}

const KINDS: Readonly<Record<string, string>> = {
  'lead.created': 'received',
  'lead.duplicate': 'duplicate',
  'lead.updated': 'updated',
  'lead.erased': 'erased',
};

function timelineKind(kind: string, data: Readonly<Record<string, unknown>>): string {
  const { status } = data;
  if (kind === 'delivery.updated') {
    return typeof status === 'string' ? `delivery.${status}` : 'delivery';
  }
  if (kind === 'lead.updated' && 'assigned_to' in data) return 'assigned';
  return KINDS[kind] ?? kind;
}

function received(lead: LeadRow): Record<string, unknown> {
  return {
    source: lead.source,
    ...(lead.warnings?.length ? { warnings: lead.warnings } : {}),
    ...(lead.phone_valid === false ? { phone_valid: false } : {}),
  };
}
