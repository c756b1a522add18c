import { z } from 'zod';
import type { Database } from '../../../lib/db/database.ts';
import { allClients } from '../../../lib/db/scope.ts';
import { inUnit, type Statement } from '../../../lib/db/statement.ts';
import type { Kinds } from '../kinds/kind.ts';
import { CLAIMABLE } from './lanes.ts';
import { expire } from './transitions/expire.ts';
import { releaseToRecheck } from './transitions/release-lanes.ts';
import { skipRemoved } from './transitions/skip-removed.ts';

const WHY = allClients('finding what crashed workers and lost wake-ups left behind');
const MOST_AT_A_TIME = 1_000;

/** Due, and neither leased, held, paused nor of a client that is not active. */
const FIND_DUE: Statement<{ lane_key: string }> = {
  name: 'find-due-lanes',
  text: `
    SELECT l.lane_key FROM lanes l JOIN clients c ON c.client_id = l.client_id
    WHERE c.status = 'active'
      AND (l.lease IS NULL OR l.leased_until < now())
      AND (l.paused_until IS NULL OR l.paused_until <= now())
      AND EXISTS (SELECT FROM deliveries d WHERE ${CLAIMABLE} AND d.next_attempt_at <= now())
    LIMIT $1`,
  row: z.object({ lane_key: z.string() }),
};

/**
 * Derives from the ledger alone what is owed and nobody is at. Every worker runs it: what one has
 * locked the others skip. Returns the lanes to wake.
 */
export async function sweep(database: Database, kinds: Kinds): Promise<string[]> {
  const awaited = [...kinds.values()].filter(({ doubt }) => doubt === 'await_status');
  return database.inTransaction(WHY, async (unit) => {
    const run = inUnit(unit);
    await expire(
      run,
      awaited.map(({ kind }) => kind),
    );
    await releaseToRecheck(run);
    await skipRemoved(run, { most: MOST_AT_A_TIME });
    return (await run(FIND_DUE, [MOST_AT_A_TIME])).map((lane) => lane.lane_key);
  });
}
