import type { Knex } from 'knex';
import * as initial from './0001_initial.ts';
import * as webhookTraces from './0002_webhook_traces.ts';

/** In order, by names without an extension: the same history whether .ts or compiled .js runs. */
const MIGRATIONS: ReadonlyMap<string, Knex.Migration> = new Map<string, Knex.Migration>([
  ['0001_initial', initial],
  ['0002_webhook_traces', webhookTraces],
]);

export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => [...MIGRATIONS.keys()],
  getMigrationName: (name) => name,
  async getMigration(name) {
    const migration = MIGRATIONS.get(name);
    if (migration === undefined) throw new Error(`there is no migration ${name}`);
    return migration;
  },
};
