import { PostgresBackend } from '@agendajs/postgres-backend';
import type { AgendaBackend } from 'agenda';
import type { Pool } from 'pg';

/**
 * Where the jobs are kept, connected. Rejects when it cannot be reached: Agenda itself would turn
 * that into an unhandled rejection, so it is given one that stands already. Connecting again is
 * harmless, and makes anew the indexes that an emptied MongoDB lost.
 */
export async function connectBackend(options: {
  readonly jobsUrl: string;
  readonly pool: Pool;
}): Promise<AgendaBackend> {
  if (options.jobsUrl.startsWith('mongodb')) {
    // A driver of 30 MB, loaded only where jobs are kept there.
    const { connectMongo } = await import('./mongo.ts');
    return connectMongo(options.jobsUrl);
  }
  const { pool } = options;
  // The table comes with the migrations.
  const backend = new PostgresBackend({ pool, ensureSchema: false, disableNotifications: true });
  await backend.connect();
  return {
    name: backend.name,
    repository: backend.repository,
    ownsConnection: false,
    connect: async () => undefined,
    disconnect: () => backend.disconnect(),
  };
}
