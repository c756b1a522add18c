import type { Pool } from 'pg';
import { z } from 'zod';
import type { CountStore, Standing } from '../store.ts';

const row = z.object({ key: z.string(), points: z.number(), ms_left: z.number() });

const STANDING = `key, points::float8 AS points,
  extract(epoch FROM ends_at - statement_timestamp())::float8 * 1000 AS ms_left`;

/**
 * All counters of a round in one statement, by the server's clock, so that processes whose clocks
 * differ count the same window. In the order of keys: two processes that add to the same counters
 * would otherwise wait for each other.
 */
const ADD = `
  INSERT INTO limit_counts AS counted (key, points, ends_at)
  SELECT key, points, statement_timestamp() + make_interval(secs => window_s)
  FROM unnest($1::text[], $2::bigint[], $3::int[]) AS added (key, points, window_s)
  ORDER BY key
  ON CONFLICT (key) DO UPDATE SET
    points = CASE WHEN counted.ends_at <= statement_timestamp() THEN excluded.points
      ELSE counted.points + excluded.points END,
    ends_at = CASE WHEN counted.ends_at <= statement_timestamp() THEN excluded.ends_at
      ELSE counted.ends_at END
  RETURNING ${STANDING}`;

const READ = `SELECT ${STANDING} FROM limit_counts WHERE key = $1 AND ends_at > statement_timestamp()`;

/** A few thousand at a time, and none that somebody is just adding to. */
const PRUNE = `
  DELETE FROM limit_counts WHERE key IN (
    SELECT key FROM limit_counts WHERE ends_at <= statement_timestamp()
    LIMIT 5000 FOR UPDATE SKIP LOCKED)`;

/** Counters in the table `limit_counts`, which is not logged: a crash of the server forgets them. */
export function postgresStore(pool: Pool): CountStore {
  return {
    async add(additions) {
      const { rows } = await pool.query({
        name: 'limit-counts-add',
        text: ADD,
        values: [
          additions.map(({ key }) => key),
          additions.map(({ points }) => points),
          additions.map(({ windowSeconds }) => windowSeconds),
        ],
      });
      const standings = new Map(rows.map((found) => toEntry(found)));
      return additions.map(({ key }) => {
        const standing = standings.get(key);
        if (standing === undefined) throw new Error('the database returned no such counter');
        return standing;
      });
    },
    async read(key) {
      const { rows } = await pool.query({ name: 'limit-counts-read', text: READ, values: [key] });
      return rows[0] === undefined ? undefined : toEntry(rows[0])[1];
    },
    async remove(key) {
      await pool.query('DELETE FROM limit_counts WHERE key = $1', [key]);
    },
    async prune() {
      await pool.query(PRUNE);
    },
    stop: () => pool.end(),
  };
}

function toEntry(found: unknown): [string, Standing] {
  const { key, points, ms_left: msLeft } = row.parse(found);
  return [key, { points, msLeft }];
}
