import { PostgresBackend } from '@agendajs/postgres-backend';
import { Client, Pool } from 'pg';

/** Agenda's table on PostgreSQL, made here once: several processes making it at start would collide. */
export async function createJobTables(url: string): Promise<void> {
  const pool = new Pool({ connectionString: url, max: 1 });
  try {
    await new PostgresBackend({ pool, ensureSchema: true }).connect();
  } finally {
    await pool.end();
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('GRANT SELECT, INSERT, UPDATE, DELETE ON agenda_jobs TO leadctl_worker');
  } finally {
    await client.end();
  }
}
