import { z } from 'zod';
import { newId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import { allClients, type Unit } from '../../../lib/db/scope.ts';
import { readEventsAfter, rowsOf, type EventPosition } from '../../../lib/events/outbox.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import { deliverySettings, INTEGRATIONS, laneOf } from '../settings.ts';
import { owe } from './transitions/owe.ts';

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
 * Turns the next `lead.created` events into deliveries, one a lead and integration, by the client's
 * settings now; in one transaction with the cursor. One worker at a time: the others come back empty.
 */
export async function fanOut(database: Database): Promise<FanOutResult> {
  return database.inTransaction(WHY, async (unit) => {
    const position = await lockCursor(unit);
    if (position === undefined) return { laneKeys: [], found: 0, hasMore: false };
    const events = await readEventsAfter(unit, position, { limit: PAGE });
    const last = events.at(-1);
    if (last === undefined) {
      return { laneKeys: [], found: 0, hasMore: await hasHidden(unit, position) };
    }
    const leadIds = events.filter(({ kind }) => kind === 'lead.created').map((one) => one.lead_id);
    const laneKeys = leadIds.length === 0 ? [] : await makeDeliveries(unit, leadIds);
    await moveCursor(unit, last);
    const found = events.length;
    return { laneKeys, found, hasMore: found === PAGE || (await hasHidden(unit, last)) };
  });
}

const positionRow = z.object({ xid: z.string(), id: z.string() });

async function lockCursor(unit: Unit): Promise<EventPosition | undefined> {
  const lock = async () => {
    const found: unknown = await unit.trx.raw(
      `SELECT xid::text, id::text FROM event_cursors WHERE consumer = ? FOR UPDATE SKIP LOCKED`,
      [CONSUMER],
    );
    return rowsOf(found)[0];
  };
  const row = (await lock()) ?? (await makeCursor(unit, lock));
  return row === undefined ? undefined : positionRow.parse(row);
}

/** Without a cursor nothing was ever delivered: the first worker begins at the beginning. */
async function makeCursor(unit: Unit, lock: () => Promise<unknown>): Promise<unknown> {
  const made: unknown = await unit.trx.raw(
    `INSERT INTO event_cursors (consumer, xid, id)
     SELECT ?, '0', 0 WHERE NOT EXISTS (SELECT FROM event_cursors WHERE consumer = ?)
     ON CONFLICT DO NOTHING RETURNING consumer`,
    [CONSUMER, CONSUMER],
  );
  return rowsOf(made).length === 0 ? undefined : lock();
}

async function moveCursor(unit: Unit, { xid, id }: EventPosition): Promise<void> {
  await unit.trx.raw(
    `UPDATE event_cursors SET xid = CAST(? AS xid8), id = CAST(? AS bigint), updated_at = now()
     WHERE consumer = ?`,
    [xid, id, CONSUMER],
  );
}

async function hasHidden(unit: Unit, { xid, id }: EventPosition): Promise<boolean> {
  const found: unknown = await unit.trx.raw(
    // In the order of the index: without it the planner may prefer to walk the whole table.
    `SELECT 1 FROM events WHERE (xid, id) > (CAST(? AS xid8), CAST(? AS bigint))
     ORDER BY xid, id LIMIT 1`,
    [xid, id],
  );
  return rowsOf(found).length > 0;
}

const leadRow = z.object({
  id: z.string(),
  client_id: z.string(),
  version: z.int(),
  whatsapp_enabled: z.boolean(),
  google_sheets_enabled: z.boolean(),
  settings: deliverySettings,
});

async function makeDeliveries(unit: Unit, leadIds: readonly string[]): Promise<string[]> {
  const found: unknown = await unit.trx.raw(
    `SELECT l.id, l.client_id, i.version, i.whatsapp_enabled, i.google_sheets_enabled, v.settings
     FROM leads l
     JOIN client_integrations i ON i.client_id = l.client_id
       AND (i.whatsapp_enabled OR i.google_sheets_enabled)
     JOIN client_integration_versions v ON v.client_id = i.client_id AND v.version = i.version
     WHERE l.id = ANY (?::uuid[]) AND l.status <> 'spam' AND l.erased_at IS NULL
     ORDER BY l.id`,
    [[...leadIds]],
  );
  const owed = rowsOf(found).flatMap((row) => deliveriesOf(leadRow.parse(row)));
  if (owed.length === 0) return [];
  await insertLanes(unit, owed);
  return owe(inUnit(unit), owed);
}

function deliveriesOf(lead: z.output<typeof leadRow>) {
  const isEnabled = {
    whatsapp: lead.whatsapp_enabled,
    google_sheets: lead.google_sheets_enabled,
  };
  return INTEGRATIONS.filter((integration) => isEnabled[integration]).map((integration) => {
    const { laneKey, account } = laneOf(lead.client_id, integration, lead.settings);
    return {
      id: newId(),
      client_id: lead.client_id,
      lead_id: lead.id,
      integration,
      lane_key: laneKey,
      account,
      settings_version: lead.version,
    };
  });
}

type Owed = ReturnType<typeof deliveriesOf>[number];

async function insertLanes(unit: Unit, owed: readonly Owed[]): Promise<void> {
  await unit.trx.raw(
    `INSERT INTO lanes (lane_key, client_id, integration, account)
     SELECT DISTINCT lane_key, client_id, integration, account
     FROM jsonb_to_recordset(?::jsonb) AS r(lane_key text, client_id text, integration text, account text)
     ORDER BY lane_key ON CONFLICT (lane_key) DO NOTHING`,
    [JSON.stringify(owed)],
  );
}
