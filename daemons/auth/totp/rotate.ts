import { z } from 'zod';
import type { Database } from '../../../lib/db/database.ts';
import { globalScope, type Unit } from '../../../lib/db/scope.ts';
import type { Keyring } from '../../../lib/secrets/fernet.ts';

const PAGE = 100;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

const secretRow = z.object({ user_id: z.string(), sealed: z.string() });

/**
 * Puts every authenticator secret under the ring's newest key, a page at a time, while people log
 * in. Tells how many it moved, or would, and whose secret no key of the ring opens.
 */
export async function rotateTotpSecrets(deps: {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly isDryRun: boolean;
}): Promise<{ readonly rotated: number; readonly failed: readonly string[] }> {
  const failed: string[] = [];
  let [rotated, after] = [0, FIRST_ID];
  for (let isMore = true; isMore;) {
    const rows = await deps.database.inTransaction(globalScope, async (unit) => {
      const page = await lockPage(unit, after);
      for (const { user_id: userId, sealed } of page) {
        const outcome = deps.keyring.rotate(sealed);
        if (!outcome.ok) failed.push(userId);
        if (!outcome.ok || !outcome.changed) continue;
        rotated += 1;
        if (!deps.isDryRun) await store(unit, userId, outcome.token);
      }
      return page;
    });
    after = rows.at(-1)?.user_id ?? after;
    isMore = rows.length === PAGE;
  }
  return { rotated, failed };
}

async function lockPage(unit: Unit, after: string): Promise<z.output<typeof secretRow>[]> {
  return unit.rows(
    secretRow,
    `SELECT user_id, sealed FROM totp_secrets WHERE user_id > ?
     ORDER BY user_id LIMIT ? FOR UPDATE`,
    [after, PAGE],
  );
}

async function store(unit: Unit, userId: string, sealed: string): Promise<void> {
  await unit.trx('totp_secrets').where({ user_id: userId }).update({ sealed });
}
