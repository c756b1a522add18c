import { MongoClient } from 'mongodb';
import { Pool } from 'pg';
import type { TestDatabase } from '../testing/database.ts';
import { hasMongoServer, startMongoServer, type MongoServer } from '../testing/mongo-server.ts';

/** A store of jobs under test, and a way to look behind it. */
export interface JobStore {
  /** For JOBS_URL; undefined for the database itself. */
  readonly jobsUrl: string | undefined;
  rows(): Promise<readonly JobRow[]>;
  /** As after a failure that took the data with it. */
  lose(): Promise<void>;
  stop(): Promise<void>;
}

export interface JobRow {
  readonly name: string;
  readonly isLocked: boolean;
}

export interface JobStoreServer {
  /** An empty store beside this database. */
  open(database: TestDatabase): Promise<JobStore>;
  stop(): Promise<void>;
}

export interface JobStoreKind {
  readonly name: string;
  readonly isHere: boolean;
  start(): Promise<JobStoreServer>;
}

const postgres: JobStoreKind = {
  name: 'PostgreSQL',
  isHere: true,
  start: async () => ({ open: openPostgres, stop: async () => undefined }),
};

async function openPostgres(database: TestDatabase): Promise<JobStore> {
  const owner = new Pool({ connectionString: database.url, max: 1 });
  return {
    jobsUrl: undefined,
    async rows() {
      const { rows } = await owner.query<{ name: string; locked_at: Date | null }>(
        'SELECT name, locked_at FROM agenda_jobs ORDER BY name',
      );
      return rows.map(({ name, locked_at: at }) => ({ name, isLocked: at !== null }));
    },
    async lose() {
      await owner.query('TRUNCATE agenda_jobs');
    },
    stop: () => owner.end(),
  };
}

const mongo: JobStoreKind = {
  name: 'MongoDB',
  isHere: hasMongoServer(),
  async start() {
    const server = await startMongoServer();
    return { open: (database) => openMongo(server, database), stop: () => server.kill() };
  },
};

async function openMongo(server: MongoServer, database: TestDatabase): Promise<JobStore> {
  const jobsUrl = server.url(new URL(database.url).pathname.slice(1));
  const client = new MongoClient(jobsUrl, { serverSelectionTimeoutMS: 5_000 });
  const collection = client.db().collection('agendaJobs');
  return {
    jobsUrl,
    async rows() {
      const rows = await collection.find().sort({ name: 1 }).toArray();
      return rows.map((row) => ({
        name: String(row['name']),
        isLocked: row['lockedAt'] instanceof Date,
      }));
    },
    async lose() {
      await server.kill();
      await server.start();
    },
    stop: () => client.close(),
  };
}

export const JOB_STORES: readonly JobStoreKind[] = [postgres, mongo];
