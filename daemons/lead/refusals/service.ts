import type { Clock } from '../../../lib/core/clock.ts';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { readCursor, toPage, type Page } from '../../../lib/core/paging.ts';
import { clientExists, noSuchClient } from '../../../lib/db/clients.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import type { RefusalFilters, RefusalView } from './shapes.ts';
import { refusalCursor, totalRefusals, type RefusalTotal } from './store.ts';

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

function present(row: RefusalTotal): RefusalView {
  return {
    api_key: { id: row.key_id, name: row.key_name, key_prefix: row.key_prefix },
    origin: row.origin === '' ? null : row.origin,
    ip: row.ip === '' ? null : row.ip,
    reason: row.reason,
    count: row.count,
    first_at: row.first_at.toISOString(),
    last_at: row.last_at.toISOString(),
  };
}
