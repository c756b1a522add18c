import { z } from 'zod';
import { audit, type Actor } from '../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import { idSchema, newId } from '../../lib/core/ids.ts';
import { readCursor, toPage, type Page, type PageQuery } from '../../lib/core/paging.ts';
import type { Database } from '../../lib/db/database.ts';
import { globalScope } from '../../lib/db/scope.ts';
import type { Level } from './levels.ts';
import * as store from './store.ts';

export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  /** What it stands in; '' at the top level. */
  readonly parentId: string;
}

/** One level of the catalogue: industries, categories or products. */
export interface CatalogueService {
  list(page: PageQuery, parentId?: string): Promise<Page<Entry> | Failure>;
  get(id: string): Promise<Entry | Failure>;
  /** `parentId` is needed below the top level. */
  create(actor: Actor, name: string, parentId?: string): Promise<Entry | Failure>;
  rename(actor: Actor, id: string, name: string): Promise<Entry | Failure>;
  /** Refused while anything stands in it. */
  remove(actor: Actor, id: string): Promise<Failure | undefined>;
}

const position = z.tuple([z.string(), idSchema]);

export function createCatalogueService(
  { database }: { database: Database },
  level: Level,
): CatalogueService {
  const on = (verb: string, targetId: string) => ({
    action: `${level.kind}.${verb}`,
    targetKind: level.kind,
    targetId,
  });
  return {
    async list(page, parentId) {
      const after = readCursor(page.cursor, position);
      if (isFailure(after)) return after;
      const rows = await database.inTransaction(globalScope, (unit) =>
        store.listEntries(unit, level, { parentId, limit: page.limit, after }),
      );
      return toPage(rows, page.limit, (row) => [row.name, row.id], present);
    },

    async get(id) {
      const row = await database.inTransaction(globalScope, (unit) =>
        store.findEntry(unit, level, id),
      );
      return row ? present(row) : noSuch(level, id);
    },

    create(actor, name, parentId) {
      return database.inTransaction(globalScope, async (unit) => {
        const entry = { id: newId(), name, parentId: parentId ?? null };
        const row = await store.insertEntry(unit, level, entry);
        if (row === 'name_taken') return nameTaken(level, name);
        if (row === 'no_parent') return noSuchParent(level, parentId);
        const detail = { name, ...(level.parent ? { [level.parent.column]: parentId } : {}) };
        await audit(unit, actor, { ...on('create', row.id), detail });
        return present(row);
      });
    },

    rename(actor, id, name) {
      return database.inTransaction(globalScope, async (unit) => {
        const before = await store.lockEntry(unit, level, id);
        if (before === undefined) return noSuch(level, id);
        if (before.name === name) return present(before);
        const after = await store.renameEntry(unit, level, id, name);
        if (after === 'name_taken') return nameTaken(level, name);
        await audit(unit, actor, { ...on('rename', id), detail: { name: [before.name, name] } });
        return present(after);
      });
    },

    remove(actor, id) {
      return database.inTransaction(globalScope, async (unit) => {
        const row = await store.lockEntry(unit, level, id);
        if (row === undefined) return noSuch(level, id);
        if ((await store.deleteEntry(unit, level, id)) === 'in_use') {
          return fail('conflict', `The ${level.kind} "${row.name}" is in use by ${level.heldBy}.`);
        }
        await audit(unit, actor, { ...on('delete', id), detail: { name: row.name } });
        return undefined;
      });
    },
  };
}

function noSuch(level: Level, id: string): Failure {
  return fail('not_found', `There is no ${level.kind} ${id}.`);
}

function nameTaken(level: Level, name: string): Failure {
  const where = level.parent ? ` in this ${level.parent.kind}` : '';
  return fail('conflict', `The ${level.kind} "${name}" is there already${where}.`);
}

function noSuchParent({ parent }: Level, id: string | undefined): Failure {
  const kind = parent?.kind ?? 'parent';
  return fail('validation_failed', `There is no ${kind} ${id}.`, {
    errors: [{ path: `body.${parent?.column ?? 'id'}`, message: `there is no such ${kind}` }],
  });
}

function present(row: store.EntryRow): Entry {
  return {
    id: row.id,
    name: row.name,
    created_at: row.created_at.toISOString(),
    parentId: row.parent_id ?? '',
  };
}
