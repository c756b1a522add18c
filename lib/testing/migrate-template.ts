import { migrate } from '../../migrations/migrate.ts';

/** Brings the template database, from which every test database is cloned, to the newest schema. */
export async function migrateTemplate(url: string): Promise<void> {
  await migrate(url);
}
