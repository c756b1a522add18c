import { z } from 'zod';
import { FOREIGN_KEY_VIOLATION, sqlState, UNIQUE_VIOLATION } from '../../lib/db/errors.ts';
import type { Unit } from '../../lib/db/scope.ts';
import type { Level } from './levels.ts';

const entryRow = z.object({
  id: z.string(),
  parent_id: z.string().nullable(),
  name: z.string(),
  created_at: z.date(),
});
export type EntryRow = z.output<typeof entryRow>;

/** Columns as all levels share them; table and column come from the level, never from input. */
const columnsOf = ({ parent }: Level): string =>
  `id, name, created_at, ${parent ? parent.column : 'CAST(NULL AS uuid)'} AS parent_id`;

export interface EntryFilters {
  readonly parentId: string | undefined;
  readonly limit: number;
  readonly after: readonly [name: string, id: string] | undefined;
}

/** At most `limit + 1` entries by name. */
export async function listEntries(
  unit: Unit,
  level: Level,
  { parentId, limit, after }: EntryFilters,
): Promise<EntryRow[]> {
  const conditions = [
    ...(level.parent && parentId !== undefined ? [`${level.parent.column} = :parentId`] : []),
    ...(after ? ['(name, id) > (:afterName, CAST(:afterId AS uuid))'] : []),
  ];
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return unit.rows(
    entryRow,
    `SELECT ${columnsOf(level)} FROM ${level.table} ${where} ORDER BY name, id LIMIT :most`,
    {
      parentId: parentId ?? null,
      afterName: after?.[0] ?? null,
      afterId: after?.[1] ?? null,
      most: limit + 1,
    },
  );
}

export async function findEntry(
  unit: Unit,
  level: Level,
  id: string,
): Promise<EntryRow | undefined> {
  return unit.maybeOne(entryRow, `SELECT ${columnsOf(level)} FROM ${level.table} WHERE id = :id`, {
    id,
  });
}

/** As findEntry, and nobody else changes it until the transaction ends. */
export async function lockEntry(
  unit: Unit,
  level: Level,
  id: string,
): Promise<EntryRow | undefined> {
  return unit.maybeOne(
    entryRow,
    `SELECT ${columnsOf(level)} FROM ${level.table} WHERE id = :id FOR UPDATE`,
    { id },
  );
}

/** The new entry; `'no_parent'` when what it should stand in does not exist. */
export async function insertEntry(
  unit: Unit,
  level: Level,
  entry: { id: string; name: string; parentId: string | null },
): Promise<EntryRow | 'name_taken' | 'no_parent'> {
  const [column, value] = level.parent ? [`, ${level.parent.column}`, ', :parentId'] : ['', ''];
  return expectViolations(INSERT_VIOLATIONS, () =>
    unit.one(
      entryRow,
      `INSERT INTO ${level.table} (id, name${column}) VALUES (:id, :name${value})
           RETURNING ${columnsOf(level)}`,
      entry,
    ),
  );
}

export async function renameEntry(
  unit: Unit,
  level: Level,
  id: string,
  name: string,
): Promise<EntryRow | 'name_taken'> {
  return expectViolations(RENAME_VIOLATIONS, () =>
    unit.one(
      entryRow,
      `UPDATE ${level.table} SET name = :name WHERE id = :id RETURNING ${columnsOf(level)}`,
      { id, name },
    ),
  );
}

/** `'in_use'` while anything stands in it: the foreign key sees what policies hide. */
export async function deleteEntry(
  unit: Unit,
  level: Level,
  id: string,
): Promise<'deleted' | 'in_use'> {
  return expectViolations(DELETE_VIOLATIONS, async () => {
    await unit.trx(level.table).where('id', id).delete();
    return 'deleted' as const;
  });
}

const INSERT_VIOLATIONS = {
  [UNIQUE_VIOLATION]: 'name_taken',
  [FOREIGN_KEY_VIOLATION]: 'no_parent',
} as const;
const RENAME_VIOLATIONS = { [UNIQUE_VIOLATION]: 'name_taken' } as const;
const DELETE_VIOLATIONS = { [FOREIGN_KEY_VIOLATION]: 'in_use' } as const;

/** The violation's meaning, where it has one here; the transaction is of no more use then. */
async function expectViolations<T, Code extends string>(
  meanings: Readonly<Record<string, Code>>,
  write: () => Promise<T>,
): Promise<T | Code> {
  try {
    return await write();
  } catch (error) {
    const meaning = meanings[sqlState(error) ?? ''];
    if (meaning === undefined) throw error;
    return meaning;
  }
}
