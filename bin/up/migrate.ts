import { migrate, type MigrationReport } from '../../migrations/migrate.ts';

/** Brings the database at `url` to this version; several at once wait for one another. */
export function migrateDatabase(
  url: string,
  options: { readonly loginSecret?: string | undefined } = {},
): Promise<MigrationReport> {
  return migrate(url, options);
}
