import { Model } from 'objection';
import { newId } from '../../../lib/core/ids.ts';
import type { AllClientsScope, Unit } from '../../../lib/db/scope.ts';
import type { SetEntry } from './shapes.ts';

export class SetEntryRow extends Model {
  static override readonly tableName = 'manifest_entries';

  declare id: string;
  declare set_name: string;
  declare kind: SetEntry['kind'];
  declare client_id: string | null;
  declare identity: string;
}

/** At most `limit + 1` entries of a set, oldest first. */
export async function listEntries(
  unit: Unit<AllClientsScope>,
  set: string,
  page: { limit: number; afterId: string | undefined },
): Promise<SetEntryRow[]> {
  const query = SetEntryRow.query(unit.trx)
    .where('set_name', set)
    .orderBy('id')
    .limit(page.limit + 1);
  if (page.afterId !== undefined) void query.where('id', '>', page.afterId);
  return query;
}

/** What was another set's becomes this one's. Returns how many were not its already. */
export async function claim(
  unit: Unit<AllClientsScope>,
  set: string,
  entries: readonly SetEntry[],
): Promise<number> {
  // Sorted, so that two claims at once wait for each other instead of dead-locking; what is named
  // twice is claimed once.
  const { rowCount } = await unit.trx.raw<{ rowCount: number }>(
    `INSERT INTO manifest_entries (id, set_name, kind, client_id, identity)
     SELECT DISTINCT ON (kind, client_id, identity) id, ?, kind, NULLIF(client_id, ''), identity
       FROM unnest(?::uuid[], ?::text[], ?::text[], ?::text[]) AS e (id, kind, client_id, identity)
       ORDER BY kind, client_id, identity
     ON CONFLICT ON CONSTRAINT manifest_entries_owner
       DO UPDATE SET set_name = EXCLUDED.set_name, claimed_at = now()
       WHERE manifest_entries.set_name <> EXCLUDED.set_name`,
    [set, entries.map(() => newId()), ...columnsOf(entries)],
  );
  return rowCount;
}

/** Forgets entries of this set; those that are not its own stay. Returns how many went. */
export async function release(
  unit: Unit<AllClientsScope>,
  set: string,
  entries: readonly SetEntry[],
): Promise<number> {
  const { rowCount } = await unit.trx.raw<{ rowCount: number }>(
    `DELETE FROM manifest_entries m
       USING unnest(?::text[], ?::text[], ?::text[]) AS e (kind, client_id, identity)
     WHERE m.set_name = ? AND m.kind = e.kind AND m.identity = e.identity
       AND m.client_id IS NOT DISTINCT FROM NULLIF(e.client_id, '')`,
    [...columnsOf(entries), set],
  );
  return rowCount;
}

/** As arrays for `unnest`; no client is the empty text, since a bound array holds no null. */
function columnsOf(entries: readonly SetEntry[]): [string[], string[], string[]] {
  return [
    entries.map(({ kind }) => kind),
    entries.map(({ client_id }) => client_id ?? ''),
    entries.map(({ identity }) => identity),
  ];
}
