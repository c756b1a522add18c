import { audit, type Actor } from '../../../lib/audit/audit.ts';
import type { Clock } from '../../../lib/core/clock.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import {
  idCursor,
  readCursor,
  toPage,
  type Page,
  type PageQuery,
} from '../../../lib/core/paging.ts';
import { clientExists, noSuchClient } from '../../../lib/db/clients.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope, type ClientUnit } from '../../../lib/db/scope.ts';
import type { Announcer } from '../../../lib/events/announcer.ts';
import type { MetaSource, NewMetaSource } from './shapes.ts';
import { sourceTaken } from './own.ts';
import { present } from './present.ts';
import * as store from './store.ts';

export interface MetaSourceService {
  list(clientId: ClientId, query: PageQuery): Promise<Page<MetaSource> | Failure>;
  /** `isNew` is false when the client has this mapping already. */
  add(
    actor: Actor,
    clientId: ClientId,
    input: NewMetaSource,
  ): Promise<{ source: MetaSource; isNew: boolean } | Failure>;
  remove(
    actor: Actor,
    clientId: ClientId,
    which: NewMetaSource | { readonly id: string },
  ): Promise<Failure | undefined>;
}

export function createMetaSourceService(deps: {
  database: Database;
  announcer: Announcer;
  clock: Clock;
}): MetaSourceService {
  const { database, announcer, clock } = deps;
  return {
    async list(clientId, query) {
      const cursor = readCursor(query.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(clientScope(clientId), (unit) =>
        store.listSources(unit, query.limit, cursor?.[0]),
      );
      return toPage(rows, query.limit, (row) => [row.id], present);
    },

    async add(actor, clientId, input) {
      const added = await database.inTransaction(clientScope(clientId), async (unit) => {
        if (!(await clientExists(unit))) return noSuchClient(clientId);
        const key = { pageId: input.page_id, formId: input.form_id ?? null };
        const made = await store.addSource(unit, key, clock());
        if (made === 'taken') return sourceTaken(key);
        if (made.isNew) await auditSource(unit, actor, 'meta_source.add', made.row);
        return { source: present(made.row), isNew: made.isNew };
      });
      // What came for this page while nobody had it is processed now.
      if (!isFailure(added)) announcer.announce('leadctl_webhooks');
      return added;
    },

    async remove(actor, clientId, which) {
      return database.inTransaction(clientScope(clientId), async (unit) => {
        const row =
          'id' in which
            ? await store.findSourceById(unit, which.id)
            : await store.findSource(unit, {
                pageId: which.page_id,
                formId: which.form_id ?? null,
              });
        if (row === undefined) return fail('not_found', 'The client has no such Meta source.');
        await store.removeSource(unit, row.id);
        await auditSource(unit, actor, 'meta_source.remove', row);
        return undefined;
      });
    },
  };
}

async function auditSource(
  unit: ClientUnit,
  actor: Actor,
  action: string,
  { id, page_id, form_id }: store.MetaSourceRow,
): Promise<void> {
  const detail = { page_id, form_id };
  await audit(unit, actor, { action, targetKind: 'meta_source', targetId: id, detail });
}
