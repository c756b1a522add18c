import type { Knex } from 'knex';
import { migrationSource } from './migrations/index.ts';

/** For knex's own command line and for `leadctl migrate`: the owner's connection, never a daemon's. */
export function knexConfig(connectionString: string): Knex.Config {
  return {
    client: 'pg',
    connection: { connectionString, application_name: 'leadctl-migrate' },
    pool: { min: 0, max: 2 },
    migrations: { migrationSource, tableName: 'schema_migrations' },
  };
}

export default knexConfig(process.env['DATABASE_URL'] ?? '');
