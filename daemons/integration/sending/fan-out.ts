import { z } from 'zod';
import { newId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import { allClients, type Unit } from '../../../lib/db/scope.ts';
import {
  readEventsAfter,
  rowsOf,
  type EventPosition,
  type LeadEvent,
} from '../../../lib/events/outbox.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import { matches } from '../destinations/filter.ts';
import { destinationRow, type Occasion } from '../destinations/model.ts';
import { laneOf } from '../destinations/lane-name.ts';
import type { Kinds } from '../kinds/kind.ts';
import { fieldsOf } from './fields.ts';
import { ensureLanes, type LaneOf } from './lanes-of.ts';
import { leadFacts } from './model.ts';
import { owe, type Owed } from './transitions/owe.ts';

export interface FanOutResult {
  /** Lanes that got something to do. */
  readonly laneKeys: readonly string[];
  /** Events of any kind; PAGE of them when the page was full. */
  readonly found: number;
  /** There may be more: the page was full, or newer events are still hidden by a slow transaction. */
  readonly hasMore: boolean;
}

const CONSUMER = 'deliveries';
export const PAGE = 500;
const WHY = allClients('turning new leads of every client into deliveries');

/**
 * Turns the next events of leads into deliveries, one a lead, destination and occasion, by the
 * destinations' settings now; in one transaction with the cursor. One worker at a time: the others come
 * back empty.
 */
export function createFanOut(database: Database, kinds: Kinds): () => Promise<FanOutResult> {
  // Asked once: without a cursor nothing was ever delivered, and nobody removes it.
  let isCursorThere = false;
  return () =>
    database.inTransaction(WHY, async (unit) => {
      const position = await lockCursor(unit, isCursorThere);
      isCursorThere = true;
      if (position === undefined) return NOTHING;
      const events = await readEventsAfter(unit, position, { limit: PAGE });
      const last = events.at(-1);
      if (last === undefined) return { ...NOTHING, hasMore: await hasHidden(unit, position) };
      const happened = events.flatMap(happeningOf);
      const laneKeys = happened.length === 0 ? [] : await makeDeliveries(unit, kinds, happened);
      const found = events.length;
      const isMore = await moveCursor(unit, last);
      return { laneKeys, found, hasMore: found === PAGE || isMore };
    });
}

const NOTHING: FanOutResult = { laneKeys: [], found: 0, hasMore: false };

/** As `createFanOut`, once. */
export function fanOut(database: Database, kinds: Kinds): Promise<FanOutResult> {
  return createFanOut(database, kinds)();
}

/** Something that happened to a lead, for which destinations may be owed a delivery. */
interface Happening {
  readonly leadId: string;
  readonly on: Occasion;
  /** The delivery's: as often as it differs something is owed. */
  readonly occasion: string;
}

function happeningOf({ kind, id, lead_id: leadId, data }: LeadEvent): Happening[] {
  if (kind === 'lead.created') return [{ leadId, on: 'lead.created', occasion: 'created' }];
  if (kind !== 'lead.updated') return [];
  const updated = { leadId, on: 'lead.updated', occasion: `updated:${id}` } as const;
  // Taken from somebody and given to nobody is no assignment.
  if (!isAssigned(data)) return [updated];
  return [updated, { leadId, on: 'lead.assigned', occasion: `assigned:${id}` }];
}

/** Whose it was before and whose it is now. */
const assignment = z.object({ assigned_to: z.tuple([z.unknown(), z.string()]) });
const isAssigned = (data: unknown): boolean => assignment.safeParse(data).success;

const positionRow = z.object({ xid: z.string(), id: z.string() });

/** As a condition on `events`, for the two values of a position. */
const AFTER = '(xid, id) > (CAST(? AS xid8), CAST(? AS bigint))';

/**
 * The cursor, locked; undefined when nothing happened after it, which locks nothing and keeps nobody out,
 * or when another worker has it.
 */
async function lockCursor(unit: Unit, isThere: boolean): Promise<EventPosition | undefined> {
  const lock = () =>
    unit.maybeOne(
      positionRow,
      `SELECT c.xid::text, c.id::text FROM event_cursors c
       WHERE c.consumer = ? AND EXISTS (SELECT FROM (
         SELECT FROM events e WHERE (e.xid, e.id) > (c.xid, c.id) ORDER BY e.xid, e.id LIMIT 1) AS next)
       FOR UPDATE SKIP LOCKED`,
      [CONSUMER],
    );
  const locked = await lock();
  return locked === undefined && !isThere && (await makeCursor(unit)) ? lock() : locked;
}

/** Without a cursor nothing was ever delivered: the first worker begins at the beginning. False when there is one. */
async function makeCursor(unit: Unit): Promise<boolean> {
  const made = await unit.run(
    `INSERT INTO event_cursors (consumer, xid, id)
     SELECT ?, '0', 0 WHERE NOT EXISTS (SELECT FROM event_cursors WHERE consumer = ?)
     ON CONFLICT DO NOTHING`,
    [CONSUMER, CONSUMER],
  );
  return made > 0;
}

const moreRow = z.object({ is_more: z.boolean() });

/** Moves the cursor behind `position`; whether more has happened after it, though it may be hidden yet. */
async function moveCursor(unit: Unit, { xid, id }: EventPosition): Promise<boolean> {
  const moved = await unit.one(
    moreRow,
    // In the order of the index: without it the planner may prefer to walk the whole table.
    `UPDATE event_cursors SET xid = CAST(? AS xid8), id = CAST(? AS bigint), updated_at = now()
     WHERE consumer = ?
     RETURNING EXISTS (SELECT FROM (
       SELECT FROM events WHERE ${AFTER} ORDER BY xid, id LIMIT 1) AS next) AS is_more`,
    [xid, id, CONSUMER, xid, id],
  );
  return moved.is_more;
}

async function hasHidden(unit: Unit, { xid, id }: EventPosition): Promise<boolean> {
  const sql = `SELECT 1 FROM events WHERE ${AFTER} ORDER BY xid, id LIMIT 1`;
  return (await unit.run(sql, [xid, id])) > 0;
}

const leadRow = leadFacts.extend({
  client_id: z.string(),
  product_id: z.string().nullable(),
  /** Read only for clients that filter by fields. */
  payload: z.string().nullable(),
});
type LeadRow = z.output<typeof leadRow>;

const enabledRow = destinationRow.pick({
  id: true,
  client_id: true,
  name: true,
  kind: true,
  occasions: true,
  filter: true,
  settings: true,
  version: true,
});
type Enabled = z.output<typeof enabledRow>;

async function makeDeliveries(
  unit: Unit,
  kinds: Kinds,
  happened: readonly Happening[],
): Promise<string[]> {
  const enabled = await enabledOf(unit, happened);
  if (enabled.length === 0) return [];
  const leads = await leadsOf(unit, happened, enabled);
  const byClient = Map.groupBy(enabled, (destination) => destination.client_id);
  const owed = happened.flatMap((happening) => {
    const lead = leads.get(happening.leadId);
    const destinations = lead === undefined ? [] : (byClient.get(lead.client_id) ?? []);
    return lead === undefined ? [] : owedFor(kinds, happening, lead, destinations);
  });
  if (owed.length === 0) return [];
  await ensureLanes(inUnit(unit), owed);
  return owe(inUnit(unit), owed);
}

async function enabledOf(unit: Unit, happened: readonly Happening[]): Promise<Enabled[]> {
  const found: unknown = await unit.trx.raw(
    `SELECT id, client_id, name, kind, occasions, filter, settings, version FROM destinations
     WHERE enabled AND occasions && CAST(:on AS text[])
       AND client_id IN (SELECT client_id FROM leads WHERE id = ANY (CAST(:leads AS uuid[])))
     ORDER BY client_id, id`,
    {
      on: [...new Set(happened.map(({ on }) => on))],
      leads: happened.map(({ leadId }) => leadId),
    },
  );
  return rowsOf(found).map((row) => enabledRow.parse(row));
}

async function leadsOf(
  unit: Unit,
  happened: readonly Happening[],
  enabled: readonly Enabled[],
): Promise<ReadonlyMap<string, LeadRow>> {
  const byFields = enabled.filter(({ filter }) => filter.fields !== undefined);
  const found: unknown = await unit.trx.raw(
    `SELECT l.id, l.client_id, l.name, l.email, l.phone, l.phone_valid, l.source, l.status,
       l.product_id, p.name AS product, l.lead_reference_id, l.created_at, false AS is_erased,
       CASE WHEN l.client_id = ANY (CAST(:byFields AS text[])) THEN CAST(l.raw_payload AS text) END
         AS payload
     FROM leads l LEFT JOIN products p ON p.id = l.product_id
     WHERE l.id = ANY (CAST(:leads AS uuid[])) AND l.status <> 'spam' AND l.erased_at IS NULL`,
    {
      byFields: [...new Set(byFields.map(({ client_id }) => client_id))],
      leads: [...new Set(happened.map(({ leadId }) => leadId))],
    },
  );
  return new Map(
    rowsOf(found).map((row) => {
      const lead = leadRow.parse(row);
      return [lead.id, lead];
    }),
  );
}

function owedFor(
  kinds: Kinds,
  { on, occasion }: Happening,
  lead: LeadRow,
  destinations: readonly Enabled[],
): (Owed & LaneOf)[] {
  const fields = () => fieldsOf({ lead, payload: lead.payload ?? '{}' });
  return destinations
    .filter(({ occasions, filter }) => occasions.includes(on) && matches(filter, lead, fields))
    .map((destination) => {
      const { laneKey, account } = laneOf(kinds, destination, destination.settings);
      return {
        id: newId(),
        client_id: lead.client_id,
        lead_id: lead.id,
        destination_id: destination.id,
        kind: destination.kind,
        lane_key: laneKey,
        account,
        settings_version: destination.version,
        occasion,
      };
    });
}
