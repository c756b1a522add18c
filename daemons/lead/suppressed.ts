import { z } from 'zod';
import type { ClientUnit } from '../../lib/db/scope.ts';
import { rowsOf } from '../../lib/events/outbox.ts';
import type { TimelineEntry } from './contract.ts';
import type { LeadRow } from './rows.ts';

const row = z.object({
  channel: z.string(),
  reason: z.string().nullable(),
  made_by: z.string(),
  said_at: z.date(),
  lifted_by: z.string().nullable(),
  lifted_at: z.date().nullable(),
});

const MOST = 200;

/** When the lead's number, or address, was said not to be written to, and when that was lifted. */
export async function readSuppressions(unit: ClientUnit, lead: LeadRow): Promise<TimelineEntry[]> {
  const found: unknown = await unit.trx.raw(
    `SELECT channel, reason, made_by, said_at, lifted_by, lifted_at FROM suppressions
     WHERE client_id = :client AND (
       (channel = 'whatsapp' AND recipient_key(address) = recipient_key(CAST(:phone AS text)))
       OR (channel = 'email' AND recipient_key(address) = recipient_key(CAST(:email AS text))))
     ORDER BY said_at DESC LIMIT :most`,
    { client: unit.scope.clientId, phone: lead.phone, email: lead.email, most: MOST },
  );
  return rowsOf(found).flatMap((one) => entriesOf(row.parse(one)));
}

function entriesOf(one: z.output<typeof row>): TimelineEntry[] {
  const { channel, reason, said_at: saidAt, lifted_at: liftedAt, lifted_by: liftedBy } = one;
  const about = { channel, ...(reason === null ? {} : { reason }) };
  const made = {
    at: saidAt.toISOString(),
    kind: 'suppressed',
    detail: { ...about, by: one.made_by },
  };
  if (liftedAt === null) return [made];
  const lifted = {
    at: liftedAt.toISOString(),
    kind: 'unsuppressed',
    detail: { channel, by: liftedBy },
  };
  // Only that messages are welcome was said: there was nothing to lift.
  return liftedAt.getTime() === saidAt.getTime() && reason === null ? [lifted] : [made, lifted];
}

/** Puts `others` where their time is; `entries` keep their own order. */
export function mergeByTime(
  entries: readonly TimelineEntry[],
  others: readonly TimelineEntry[],
): TimelineEntry[] {
  const waiting = others.toSorted((one, other) => one.at.localeCompare(other.at));
  const merged = entries.flatMap((entry) => {
    const later = waiting.findIndex(({ at }) => at >= entry.at);
    return [...waiting.splice(0, later === -1 ? waiting.length : later), entry];
  });
  return [...merged, ...waiting];
}
