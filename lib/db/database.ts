import knexFactory, { type Knex } from 'knex';
import { isFailure } from '../core/errors.ts';
import type { Stoppable } from '../core/lifecycle.ts';
import { connectionOptions, type Connecting } from './connection.ts';
import { createConnections, type Connections } from './goodbye.ts';
import { EVERY_CLIENT_LOGIN } from './logins.ts';
import type { Channel } from './notifications.ts';
import { scopeSetting, type Scope, type Unit } from './scope.ts';
import { openUnit } from './unit.ts';

export interface DatabaseOptions extends Connecting {
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

/** Work across clients is an admin's lists and upkeep: rare, and never many at a time. */
const MOST_FOR_EVERY_CLIENT = 4;

/**
 * `allClients` scopes run on connections of a login of their own, so that no statement of one
 * client's work can come to see every client, whatever is injected into it.
 */
export function createDatabase(options: DatabaseOptions): Database {
  const connections = createConnections();
  const knex = openKnex(options, connections);
  const everyClientRole = EVERY_CLIENT_LOGIN.get(options.role);
  const everyClient =
    everyClientRole === undefined || everyClientRole === options.role
      ? knex
      : openKnex(
          {
            ...options,
            role: everyClientRole,
            poolMax: Math.min(options.poolMax, MOST_FOR_EVERY_CLIENT),
          },
          connections,
        );
  return {
    async inTransaction(scope, work) {
      if (scope.kind === 'all' && everyClientRole === undefined) {
        throw new Error(`${options.role} has no work across clients: ${scope.because}`);
      }
      const trx = await (scope.kind === 'all' ? everyClient : knex).transaction();
      try {
        await enterScope(trx, scope);
        const result = await work(openUnit(trx, scope));
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
      const pools = [...new Set([knex, everyClient])];
      await connections.end(Promise.all(pools.map((pool) => pool.destroy())));
    },
  };
}

function openKnex(options: DatabaseOptions, connections: Connections): Knex {
  return knexFactory({
    client: 'pg',
    connection: { ...connectionOptions(options), stream: connections.stream },
    pool: { min: 0, max: options.poolMax },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    log: SILENT,
  });
}

async function enterScope(trx: Knex.Transaction, scope: Scope): Promise<void> {
  const setting = scopeSetting(scope);
  if (setting) await trx.raw('SELECT set_config(?, ?, true)', [...setting]);
}
