import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { idCursor, readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import type { Database } from '../../../lib/db/database.ts';
import {
  allClients,
  clientScope,
  type AllClientsScope,
  type ClientScope,
} from '../../../lib/db/scope.ts';
import type { AuditEntryView, AuditFilters } from './shapes.ts';
import { present } from './present.ts';
import * as store from './store.ts';

export interface AuditReader {
  /** Every client's entries, and those that belong to none. */
  listAll(filters: AuditFilters): Promise<Page<AuditEntryView> | Failure>;
  listOfClient(clientId: ClientId, filters: AuditFilters): Promise<Page<AuditEntryView> | Failure>;
}

export function createAuditReader({ database }: { database: Database }): AuditReader {
  const list = async (scope: ClientScope | AllClientsScope, filters: AuditFilters) => {
    const cursor = readCursor(filters.cursor, idCursor);
    if (isFailure(cursor)) return cursor;
    const rows = await database.inTransaction(scope, (unit) =>
      store.listEntries(unit, filters, cursor?.[0]),
    );
    return toPage(rows, filters.limit, (row) => [row.id], present);
  };
  return {
    listAll: (filters) =>
      list(allClients('whoever may read the whole audit log reads that of every client'), filters),
    listOfClient: (clientId, filters) => list(clientScope(clientId), filters),
  };
}
