import knexFactory, { type Knex } from 'knex';
import { isFailure } from '../core/errors.ts';
import type { Stoppable } from '../core/lifecycle.ts';
import { connectionOptions, type DbRole } from './connection.ts';
import type { Channel } from './notifications.ts';
import { scopeSetting, type Scope, type Unit } from './scope.ts';

export interface DatabaseOptions {
  readonly url: string;
  readonly role: DbRole;
  readonly applicationName: string;
  readonly poolMax: number;
}

export interface Database extends Stoppable {
  /**
   * Runs `work` in one transaction that sees what `scope` says. Commits its result, unless that is
   * a Failure; rolls back then, and on a throw. Only the outermost service method calls this.
   */
  inTransaction<S extends Scope, T>(scope: S, work: (unit: Unit<S>) => Promise<T>): Promise<T>;
  /** Tells whoever listens on the channel, outside any transaction. */
  notify(channel: Channel): Promise<void>;
  /** Rejects when the database does not answer. */
  check(): Promise<void>;
}

const ACQUIRE_TIMEOUT_MS = 5_000;

/** Knex would write to the console; what it has to say reaches the caller as an error anyway. */
const SILENT = { warn() {}, error() {}, deprecate() {}, debug() {} };

export function createDatabase(options: DatabaseOptions): Database {
  const knex = knexFactory({
    client: 'pg',
    connection: connectionOptions(options),
    pool: { min: 0, max: options.poolMax },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    log: SILENT,
  });
  return {
    async inTransaction(scope, work) {
      const trx = await knex.transaction();
      try {
        await enterScope(trx, scope);
        const result = await work({ trx, scope });
        await (isFailure(result) ? trx.rollback() : trx.commit());
        return result;
      } catch (error) {
        if (!trx.isCompleted()) await trx.rollback();
        throw error;
      }
    },
    async notify(channel) {
      await knex.raw(`NOTIFY ${channel}`);
    },
    async check() {
      await knex.raw('SELECT 1');
    },
    async stop() {
      await knex.destroy();
    },
  };
}

async function enterScope(trx: Knex.Transaction, scope: Scope): Promise<void> {
  const setting = scopeSetting(scope);
  if (setting) await trx.raw('SELECT set_config(?, ?, true)', [...setting]);
}
