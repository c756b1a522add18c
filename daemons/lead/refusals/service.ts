import type { Clock } from '../../../lib/core/clock.ts';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import { clientExists, noSuchClient } from '../../../lib/db/clients.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import type { RefusalFilters, RefusalView } from './shapes.ts';
import { present } from './present.ts';
import { refusalCursor, totalRefusals } from './store.ts';

export interface RefusalService {
  list(clientId: ClientId, filters: RefusalFilters): Promise<Page<RefusalView> | Failure>;
}

const DAY_MS = 86_400_000;

export function createRefusalService(deps: { database: Database; clock: Clock }): RefusalService {
  return {
    async list(clientId, { cursor, limit, since, until }) {
      const after = readCursor(cursor, refusalCursor);
      if (isFailure(after)) return after;
      const from = since === undefined ? deps.clock().getTime() - DAY_MS : Date.parse(since);
      const rows = await deps.database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        const range = {
          since: new Date(from),
          until: until === undefined ? null : new Date(until),
        };
        return totalRefusals(unit, { ...range, limit }, after);
      });
      if (isFailure(rows)) return rows;
      return toPage(
        rows,
        limit,
        (row) => [String(row.count), row.key_id, row.origin, row.ip, row.reason],
        present,
      );
    },
  };
}
