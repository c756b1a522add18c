import { MongoBackend } from '@agendajs/mongo-backend';
import { PostgresBackend } from '@agendajs/postgres-backend';
import type { AgendaBackend } from 'agenda';
import type { Pool } from 'pg';

/**
 * Where the jobs are kept, connected. Rejects when it cannot be reached: Agenda itself would turn
 * that into an unhandled rejection, so it gets a back end that needs no connecting. PostgreSQL's
 * table comes with the migrations; MongoDB's indexes are made here, which any number of processes
 * may do at once.
 */
export async function connectBackend(options: {
  readonly jobsUrl: string;
  readonly pool: Pool;
}): Promise<AgendaBackend> {
  const backend = options.jobsUrl.startsWith('mongodb')
    ? new MongoBackend({ address: options.jobsUrl, ensureIndex: true })
    : new PostgresBackend({ pool: options.pool, ensureSchema: false, disableNotifications: true });
  await backend.connect();
  return {
    name: backend.name,
    repository: backend.repository,
    ownsConnection: false,
    connect: async () => undefined,
    disconnect: () => backend.disconnect(),
  };
}
