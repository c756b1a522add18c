import type { Pool } from 'pg';
import type { Unit } from '../../../lib/db/scope.ts';
import { rowsOf } from '../../../lib/events/outbox.ts';

/** Runs one statement with its `$1` … values; the name lets the server prepare it once. */
export type Execute = (
  name: string,
  text: string,
  values: readonly unknown[],
) => Promise<readonly unknown[]>;

/** Each statement a transaction of its own. */
export function onPool(pool: Pool): Execute {
  return async (name, text, values) =>
    (await pool.query<Record<string, unknown>>({ name, text, values: [...values] })).rows;
}

/** All within the caller's transaction. */
export function inUnit(unit: Unit): Execute {
  return async (_name, text, values) => {
    // Named, because knex counts a question mark for each use of a value.
    const named = text.replaceAll(/\$(\d+)/g, ':p$1');
    const bindings = Object.fromEntries(values.map((value, index) => [`p${index + 1}`, value]));
    const result: unknown = await unit.trx.raw(named, bindings);
    return rowsOf(result);
  };
}
