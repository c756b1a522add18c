import { isFailure, type Failure } from '../../lib/core/errors.ts';
import { idCursor, readCursor, toPage, type Page } from '../../lib/core/paging.ts';
import type { Database } from '../../lib/db/database.ts';
import { allClients } from '../../lib/db/scope.ts';
import type { WebhookEvent, WebhookEventFilters } from './contract.ts';
import { present } from './present.ts';
import * as store from './store.ts';

export interface EventService {
  /** Events of every client and of none: an unmapped one belongs to nobody yet. */
  list(filters: WebhookEventFilters): Promise<Page<WebhookEvent> | Failure>;
}

export function createEventService(deps: { database: Database }): EventService {
  return {
    async list(filters) {
      const before = readCursor(filters.cursor, idCursor);
      if (isFailure(before)) return before;
      const rows = await deps.database.inTransaction(
        allClients('whoever may look at what Meta sent sees all of it, most of it nobody’s yet'),
        (unit) => store.listEvents(unit, filters, before?.[0]),
      );
      return toPage(rows, filters.limit, (row) => [row.id], present);
    },
  };
}
