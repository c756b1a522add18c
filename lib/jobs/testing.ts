import { MongoClient } from 'mongodb';
import { Pool } from 'pg';
import { stopAll } from '../core/lifecycle.ts';
import type { TestDatabase } from '../testing/database.ts';
import { hasMongoServer, startMongoServer, type MongoServer } from '../testing/mongo-server.ts';
import { startRelay, type Relay } from '../testing/relay.ts';

/** A store of jobs under test, and a way to look behind it. */
export interface JobStore {
  /** For JOBS_URL. */
  readonly jobsUrl: string;
  rows(): Promise<readonly JobRow[]>;
  /** As after a failure that took the data with it. */
  lose(): Promise<void>;
  /** It dies: every connection breaks off, and no new one is taken until it is back. */
  leave(): void;
  comeBack(): void;
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
  const relay = await relayBefore(database.url);
  return {
    jobsUrl: relay.url,
    leave: relay.cut,
    comeBack: relay.mend,
    async rows() {
      const { rows } = await owner.query<{ name: string; locked_at: Date | null }>(
        'SELECT name, locked_at FROM agenda_jobs ORDER BY name',
      );
      return rows.map(({ name, locked_at: at }) => ({ name, isLocked: at !== null }));
    },
    async lose() {
      await owner.query('TRUNCATE agenda_jobs');
    },
    stop: () => stopAll([relay, { stop: () => owner.end() }]),
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
  const url = server.url(new URL(database.url).pathname.slice(1));
  const relay = await relayBefore(url);
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  const collection = client.db().collection('agendaJobs');
  return {
    jobsUrl: relay.url,
    leave: relay.cut,
    comeBack: relay.mend,
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
    stop: () => stopAll([relay, { stop: () => client.close() }]),
  };
}

async function relayBefore(url: string): Promise<Relay & { readonly url: string }> {
  const { hostname, port } = new URL(url);
  const relay = await startRelay({ host: hostname, port: Number(port) });
  const relayed = new URL(url);
  relayed.hostname = '127.0.0.1';
  relayed.port = String(relay.port);
  return { ...relay, url: relayed.href };
}

export const JOB_STORES: readonly JobStoreKind[] = [postgres, mongo];
