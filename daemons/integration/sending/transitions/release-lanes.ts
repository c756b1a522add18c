import { z } from 'zod';
import { noRows, type RunStatement, type Statement } from '../../../../lib/db/statement.ts';
import { releasing } from './sql.ts';

const MOST_AT_A_TIME = 1_000;

const RELEASE_DUE: Statement<unknown> = {
  name: 'release-lanes-to-recheck',
  text: `WITH ${releasing(`SELECT lane_key FROM lanes
      WHERE held_at IS NOT NULL AND recheck_at <= now() LIMIT $1`)}
    SELECT lane_key FROM freed`,
  row: noRows,
};

/** Releases lanes whose provider may have lifted the cause by itself; the next call will tell. */
export async function releaseToRecheck(run: RunStatement): Promise<void> {
  await run(RELEASE_DUE, [MOST_AT_A_TIME]);
}

export interface ReleasedLane {
  readonly lane_key: string;
  readonly was_held: boolean;
  /** Deliveries that are due again. */
  readonly deliveries: number;
}

const RELEASE_OF: Statement<ReleasedLane> = {
  name: 'release-lanes-of-destination',
  text: `WITH ${releasing(`SELECT lane_key FROM lanes WHERE client_id = $1 AND destination_id = $2`)}
    SELECT f.lane_key, f.was_held, CAST((SELECT count(*) FROM released r
      WHERE r.lane_key = f.lane_key) AS integer) AS deliveries FROM freed f`,
  row: z.object({ lane_key: z.string(), was_held: z.boolean(), deliveries: z.int() }),
};

/** Releases all lanes of a destination, whose cause somebody mended; resolves to what each of them did. */
export async function releaseLanesOf(
  run: RunStatement,
  clientId: string,
  destinationId: string,
): Promise<ReleasedLane[]> {
  return run(RELEASE_OF, [clientId, destinationId]);
}
