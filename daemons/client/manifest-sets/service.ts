import { audit, type Actor } from '../../../lib/audit/audit.ts';
import { isFailure, type Failure } from '../../../lib/core/errors.ts';
import {
  idCursor,
  readCursor,
  toPage,
  type Page,
  type PageQuery,
} from '../../../lib/core/paging.ts';
import type { Database } from '../../../lib/db/database.ts';
import { allClients } from '../../../lib/db/scope.ts';
import type { SetEntry } from './shapes.ts';
import { present } from './present.ts';
import * as store from './store.ts';

/** Which things were made by applying which named set of manifests; pruning a set ends there. */
export interface ManifestSets {
  list(set: string, page: PageQuery): Promise<Page<SetEntry> | Failure>;
  /** Called before the things are made: what a killed run made is then still known as its own. */
  claim(actor: Actor, set: string, entries: readonly SetEntry[]): Promise<void>;
  release(actor: Actor, set: string, entries: readonly SetEntry[]): Promise<void>;
}

const scope = allClients('a set of manifests spans clients');

export function createManifestSets({ database }: { database: Database }): ManifestSets {
  const change = (
    actor: Actor,
    set: string,
    entries: readonly SetEntry[],
    verb: 'claim' | 'release',
  ): Promise<void> =>
    database.inTransaction(scope, async (unit) => {
      const write = verb === 'claim' ? store.claim : store.release;
      const count = await write(unit, set, entries);
      if (count === 0) return;
      await audit(unit, actor, {
        action: `manifest_set.${verb}`,
        targetKind: 'manifest_set',
        targetId: set,
        detail: { count },
      });
    });

  return {
    async list(set, page) {
      const cursor = readCursor(page.cursor, idCursor);
      if (isFailure(cursor)) return cursor;
      const rows = await database.inTransaction(scope, (unit) =>
        store.listEntries(unit, set, { limit: page.limit, afterId: cursor?.[0] }),
      );
      return toPage(rows, page.limit, (row) => [row.id], present);
    },
    claim: (actor, set, entries) => change(actor, set, entries, 'claim'),
    release: (actor, set, entries) => change(actor, set, entries, 'release'),
  };
}
