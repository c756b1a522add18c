import type { Sql } from './factories.ts';

/** How often a table of the database was read from its first row to its last, once all others are gone. */
export async function scansOf(owner: Sql, table: string): Promise<number> {
  await untilAlone(owner);
  const { rows } = await owner.query(
    `SELECT seq_scan::int AS scans FROM pg_stat_user_tables WHERE relname = $1`,
    [table],
  );
  const [row] = rows;
  if (typeof row !== 'object' || row === null || !('scans' in row)) return 0;
  return Number(row.scans);
}

/** A connection tells of its scans when it ends. */
async function untilAlone(owner: Sql): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { rows } = await owner.query(
      `SELECT pid, pg_sleep(0.05) FROM pg_stat_activity
       WHERE datname = current_database() AND usename LIKE 'leadctl%'`,
    );
    if (rows.length === 0) return;
  }
  throw new Error('a daemon’s connection does not end');
}
