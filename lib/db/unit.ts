import type { Knex } from 'knex';
import { z } from 'zod';
import type { Scope, Unit } from './scope.ts';

const answer = z.object({ rows: z.array(z.unknown()), rowCount: z.number().nullable() });

/** A transaction that has entered its scope. */
export function openUnit<S extends Scope>(trx: Knex.Transaction, scope: S): Unit<S> {
  const ask = async (sql: string, bindings: Parameters<Unit['run']>[1]) =>
    answer.parse(await (bindings === undefined ? trx.raw(sql) : trx.raw(sql, bindings)));

  const rows: Unit['rows'] = async (row, sql, bindings) =>
    (await ask(sql, bindings)).rows.map((one) => row.parse(one));

  return {
    trx,
    scope,
    rows,
    async maybeOne(row, sql, bindings) {
      return (await rows(row, sql, bindings))[0];
    },
    async one(row, sql, bindings) {
      const [only, ...others] = await rows(row, sql, bindings);
      if (only === undefined || others.length > 0) {
        throw new Error(`a statement that has one row had ${others.length + (only ? 1 : 0)}`);
      }
      return only;
    },
    async run(sql, bindings) {
      return (await ask(sql, bindings)).rowCount ?? 0;
    },
  };
}
