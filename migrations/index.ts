import type { Knex } from 'knex';
import * as roles from './0001_roles.ts';
import * as people from './0002_people.ts';
import * as catalogue from './0003_catalogue.ts';
import * as leads from './0004_leads.ts';
import * as deliveries from './0005_deliveries.ts';
import * as webhookAndAudit from './0006_webhook_and_audit.ts';
import * as manifestSets from './0007_manifest_sets.ts';

/** In order, by names without an extension: the same history whether .ts or compiled .js runs. */
const MIGRATIONS: ReadonlyMap<string, Knex.Migration> = new Map<string, Knex.Migration>([
  ['0001_roles', roles],
  ['0002_people', people],
  ['0003_catalogue', catalogue],
  ['0004_leads', leads],
  ['0005_deliveries', deliveries],
  ['0006_webhook_and_audit', webhookAndAudit],
  ['0007_manifest_sets', manifestSets],
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
