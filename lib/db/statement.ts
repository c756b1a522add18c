import type { Pool } from 'pg';
import { z } from 'zod';
import type { Unit } from './scope.ts';

/** One statement, written once with `$1` …; the name lets the server prepare it once. */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  readonly row: z.ZodType<Row>;
}

/** Runs a statement with its values; resolves to its rows, checked. */
export type RunStatement = <Row>(
  statement: Statement<Row>,
  values: readonly unknown[],
) => Promise<Row[]>;

/** For statements that are run for what they do. */
export const noRows = z.unknown();

/** Each statement a transaction of its own. */
export function onPool(pool: Pool): RunStatement {
  return async ({ name, text, row }, values) => {
    const { rows } = await pool.query<Record<string, unknown>>({ name, text, values: [...values] });
    return rows.map((one) => row.parse(one));
  };
}

const answer = z.object({ rows: z.array(z.unknown()) });

/** All within the caller's transaction. */
export function inUnit(unit: Unit): RunStatement {
  return async ({ text, row }, values) => {
    // As options the values go to the driver as they are; knex would count the question marks.
    const escaped = text.replaceAll('?', String.raw`\?`);
    const result: unknown = await unit.trx.raw(escaped).options({ values: [...values] });
    return answer.parse(result).rows.map((one) => row.parse(one));
  };
}
