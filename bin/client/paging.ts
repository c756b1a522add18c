import type { Problem } from '../../lib/core/problem.ts';
import { bodyOf } from '../cli/api-error.ts';

interface Page<Item> {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
}

type PageAnswer<Item> =
  | { readonly ok: true; readonly body: Page<Item> }
  | { readonly ok: false; readonly problem: Problem };

/** Asks for one page; `cursor` is undefined for the first. */
export type AskPage<Item> = (page: {
  readonly limit: number;
  readonly cursor: string | undefined;
}) => Promise<PageAnswer<Item>>;

/** The most that a list answers at once. */
export const LARGEST_PAGE = 200;

/** Every item of a list, page by page as they are wanted. Throws an `ApiError`. */
export async function* listAll<Item>(
  ask: AskPage<Item>,
  pageSize = LARGEST_PAGE,
): AsyncGenerator<Item, undefined> {
  let cursor: string | undefined;
  do {
    const page: Page<Item> = bodyOf(await ask({ limit: pageSize, cursor }));
    yield* page.data;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return undefined;
}

/** At most `limit` items that are wanted, and whether that was all. */
export async function listUpTo<Item>(
  ask: AskPage<Item>,
  limit: number,
  isWanted: (item: Item) => boolean = () => true,
): Promise<{ readonly items: Item[]; readonly more: boolean }> {
  const items: Item[] = [];
  // One more than asked for tells whether there is more.
  for await (const item of listAll(ask, Math.min(limit + 1, LARGEST_PAGE))) {
    if (!isWanted(item)) continue;
    if (items.length === limit) return { items, more: true };
    items.push(item);
  }
  return { items, more: false };
}

/** Every item of a list at once, in its order. Throws an `ApiError`. */
export async function listEvery<Item>(ask: AskPage<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of listAll(ask)) items.push(item);
  return items;
}
