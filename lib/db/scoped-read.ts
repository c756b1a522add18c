import type { Pool } from 'pg';
import type { ClientScope } from './scope.ts';
import type { Statement } from './statement.ts';

/** Reads rows of one client in one round trip. */
export type ScopedRead = <Row>(
  scope: ClientScope,
  statement: Statement<Row>,
  values: readonly unknown[],
) => Promise<Row[]>;

/**
 * A read that enters its scope by itself: one prepared statement, which is its own transaction, in
 * place of BEGIN, set_config, SELECT and COMMIT. The statement's text is a SELECT from tables of the
 * client and from `scope`, whose one row has the `client_id`; its values begin at $2.
 *
 * The scope is materialised and the SELECT is lateral to it with an OFFSET, which the planner may not
 * take apart: row-level security looks at the setting only once it is there. Were it ever looked at
 * before, it would be empty, and no row would be seen.
 */
export function scopedRead(pool: Pool): ScopedRead {
  return async ({ clientId }, { name, text, row }, values) => {
    const { rows } = await pool.query<Record<string, unknown>>({
      name,
      text: `WITH scope AS MATERIALIZED (SELECT set_config('app.client_id', $1, true) AS client_id)
        SELECT found.* FROM scope CROSS JOIN LATERAL (${text} OFFSET 0) AS found`,
      values: [clientId, ...values],
    });
    return rows.map((one) => row.parse(one));
  };
}
