import { z } from 'zod';
import { fail, type Failure } from './errors.ts';
import { idSchema } from './ids.ts';

/** `?limit=` (1–200, default 50) and `?cursor=`, for every list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional().meta({
    pattern: '^[A-Za-z0-9_-]*$',
    description: '`next_cursor` of the page before, as it is',
  }),
});
export type PageQuery = z.infer<typeof pageQuery>;

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), next_cursor: z.string().nullable() });
}

export interface Page<T> {
  readonly data: T[];
  readonly next_cursor: string | null;
}

/** A keyset position, opaque to callers. */
export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The position of lists in the order of an id. */
export const idCursor = z.tuple([idSchema]);

/**
 * The position that a cursor stands for, its parts checked, so that a made-up one is the caller's
 * 422 and not the database's complaint; undefined on the first page.
 */
export function readCursor<S extends z.ZodType>(
  cursor: string | undefined,
  position: S,
): z.output<S> | Failure | undefined {
  if (cursor === undefined) return undefined;
  const bad = fail('validation_failed', 'The cursor is not one that this list handed out.', {
    errors: [{ path: 'query.cursor', message: 'unknown cursor' }],
  });
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const parsed = position.safeParse(key);
    return parsed.success ? parsed.data : bad;
  } catch {
    return bad;
  }
}

/** Cuts `limit + 1` rows to a page; the extra row only tells that there is more. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly string[],
  present: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(present),
    next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null,
  };
}
