import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import type { KeyedFilters, Lead } from '../contract.ts';
import type { LeadReads } from '../one-lead.ts';
import { present } from '../present.ts';
import { LeadRow, leadColumns } from '../rows.ts';

/** All leads of a client, for whoever holds a key of it: no hierarchy, erased ones as such. */
export interface KeyedReads {
  list(clientId: ClientId, filters: KeyedFilters): Promise<Page<Lead> | Failure>;
  get(clientId: ClientId, id: string): Promise<Lead | Failure>;
}

export function createKeyedReads({
  database,
  reads,
}: {
  database: Database;
  reads: LeadReads;
}): KeyedReads {
  return {
    async list(clientId, filters) {
      const cursor = readCursor(filters.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(clientScope(clientId), (unit) =>
        newest(unit, filters, cursor?.[0]),
      );
      return toPage(rows, filters.limit, (row) => [row.id], present);
    },

    async get(clientId, id) {
      const row = await reads.findAny(clientScope(clientId), id);
      return row === undefined
        ? fail('not_found', `There is no lead ${id} of this client.`)
        : present(row);
    },
  };
}

function leadsOf(unit: ClientUnit) {
  return LeadRow.query(unit.trx)
    .select(leadColumns())
    .where('leads.client_id', unit.scope.clientId);
}

async function newest(
  unit: ClientUnit,
  { limit, created_after: createdAfter }: KeyedFilters,
  beforeId: string | undefined,
): Promise<LeadRow[]> {
  const query = leadsOf(unit)
    .orderBy('leads.id', 'desc')
    .limit(limit + 1);
  if (beforeId !== undefined) void query.where('leads.id', '<', beforeId);
  if (createdAfter !== undefined) void query.where('leads.created_at', '>', createdAfter);
  return query;
}
