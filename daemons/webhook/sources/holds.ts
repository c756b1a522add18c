import { z } from 'zod';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { GO_ON } from '../processing/table.ts';

/** Why a page's leads cannot be read until somebody acts. */
export interface Hold {
  readonly pageId: string;
  readonly code: string;
  /** What failed and what to do. */
  readonly message: string;
  readonly tokenMark: string;
  /** The provider may lift it by itself: look again after this long. */
  readonly recheckAfterMs: number | null;
}

const holdRow = z.object({ code: z.string(), message: z.string(), stands: z.boolean() });
export type FoundHold = z.output<typeof holdRow>;

/**
 * A page's hold. One whose token has been replaced, or that is due to be looked at again, does not
 * stand in anybody's way; it is lifted by the first call that succeeds.
 */
export async function findHold(
  unit: ClientUnit,
  pageId: string,
  tokenMark: string,
): Promise<FoundHold | undefined> {
  return unit.maybeOne(
    holdRow,
    `SELECT code, message,
       token_mark = ? AND (recheck_at IS NULL OR recheck_at > now()) AS stands
     FROM meta_holds WHERE client_id = ? AND page_id = ?`,
    [tokenMark, unit.scope.clientId, pageId],
  );
}

/**
 * Holds a page. True when that is news, so that it is told once: looking again and finding the same
 * is none, and before it was time to look again it does not put that off.
 */
export async function placeHold(unit: ClientUnit, hold: Hold): Promise<boolean> {
  const result = await unit.one(
    z.object({ is_news: z.boolean() }),
    `WITH before AS (
       SELECT code, token_mark FROM meta_holds WHERE client_id = :client AND page_id = :page
     ), placed AS (
       INSERT INTO meta_holds (client_id, page_id, code, message, token_mark, held_at, recheck_at)
       VALUES (:client, :page, :code, :message, :mark, now(),
         now() + CAST(:recheckMs AS float8) * interval '1 ms')
       ON CONFLICT (client_id, page_id) DO UPDATE SET code = excluded.code, message = excluded.message,
         token_mark = excluded.token_mark,
         recheck_at = CASE WHEN meta_holds.code = excluded.code
           AND meta_holds.token_mark = excluded.token_mark AND meta_holds.recheck_at > now()
           THEN meta_holds.recheck_at ELSE excluded.recheck_at END
       RETURNING xmax = 0 AS is_new
     )
     SELECT is_new OR EXISTS (SELECT FROM before WHERE code <> :code OR token_mark <> :mark) AS is_news
     FROM placed`,
    {
      client: unit.scope.clientId,
      page: hold.pageId,
      code: hold.code,
      message: hold.message,
      mark: hold.tokenMark,
      recheckMs: hold.recheckAfterMs,
    },
  );
  return result.is_news;
}

/** Lifts a page's hold, if there is one, and lets its events go on with a fresh round of attempts. */
export async function liftHold(unit: ClientUnit, pageId: string): Promise<boolean> {
  const at = [unit.scope.clientId, pageId];
  const lifted = await unit.run(
    'DELETE FROM meta_holds WHERE client_id = ? AND page_id = ? RETURNING page_id',
    at,
  );
  if (lifted === 0) return false;
  await unit.run(
    `UPDATE webhook_events e SET ${GO_ON}
     WHERE client_id = ? AND page_id = ? AND status = 'held' AND held_by = 'page'`,
    at,
  );
  return true;
}
