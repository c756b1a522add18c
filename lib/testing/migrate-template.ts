import { migrate } from '../../migrations/migrate.ts';
import { openLogins } from '../db/passwords.ts';

/**
 * Brings the template database, from which every test database is cloned, to the newest schema. All
 * logins get the owner's password: a test's one URL opens each of them, and daemons work in tests
 * with the rights that they really have.
 */
export async function migrateTemplate(url: string): Promise<void> {
  await migrate(url);
  const password = decodeURIComponent(new URL(url).password);
  await openLogins(url, () => password);
}
