import { z } from 'zod';
import type { Sql } from '../../../lib/testing/factories.ts';

const tableRow = z.object({ name: z.string() });
const hit = z.object({ row: z.string() });

/**
 * Every row of every table in which one of these texts stands, whatever the case and whichever column:
 * bytes are read as the text that they spell.
 */
export async function findInDatabase(db: Sql, needles: readonly string[]): Promise<string[]> {
  const tables = await db.query(
    `SELECT c.oid::regclass::text AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace`,
  );
  const found: string[] = [];
  for (const table of tables.rows) {
    const { name } = tableRow.parse(table);
    const { rows } = await db.query(
      `SELECT to_jsonb(t)::text AS row FROM ${name} t
       WHERE EXISTS (SELECT FROM jsonb_each_text(to_jsonb(t)) c, unnest($1::text[]) n
         WHERE strpos(lower(c.value), lower(n)) > 0
           OR strpos(lower(c.value), encode(convert_to(n, 'UTF8'), 'hex')) > 0)`,
      [[...needles]],
    );
    found.push(...rows.map((row) => `${name}: ${hit.parse(row).row}`));
  }
  return found;
}
