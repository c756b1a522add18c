import { Client } from 'pg';

import { findBinaries } from './binaries.ts';
import { placeCluster } from './cluster.ts';
import { ensureDataDir } from './data-dir.ts';
import { ensureCluster, SUPERUSER } from './initdb.ts';
import { clearLeftOver, recordOwner } from './leftover.ts';
import { startServer, type ServerExit } from './server.ts';

const SHARED_DIR = '/var/lib/leadctl';
const DATABASE = 'leadctl';
const CONNECT_TIMEOUT_MS = 10_000;

export type EmbeddedPostgresOptions = {
  dataDir: string;
  /** 0 or absent: a free one. */
  port?: number;
  /** false: no fsync, for tests. Default true: a commit that was answered survives a crash. */
  durable?: boolean;
  maxConnections?: number;
  onLog?: (line: string) => void;
  /** Where root puts what PostgreSQL's user could not reach otherwise. Default /var/lib/leadctl. */
  sharedDir?: string;
};

export type EmbeddedPostgres = {
  /** The superuser's URL of the database `leadctl`; it holds the password. */
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server ends, whoever ended it. */
  exited: Promise<ServerExit>;
  /** Fast shutdown, then harsher, within 8 s. */
  stop(): Promise<void>;
};

/**
 * Starts the PostgreSQL of a data directory on 127.0.0.1, making the cluster and the database
 * `leadctl` when they are missing. Works as root, too, through a user `postgres`. Take the
 * directory with `acquireDataDir` first. Throws, saying what to do, when there are no binaries for
 * this platform, no user to run as, or the server does not come up.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { port = 0, durable = true, maxConnections = 200, sharedDir = SHARED_DIR } = options;
  const onLog = options.onLog ?? (() => {});
  const dataDir = await ensureDataDir(options.dataDir);
  const place = await placeCluster({ dataDir, sharedDir });
  const { initdb, postgres } = await findBinaries({ user: place.user, sharedDir });
  await clearLeftOver({ dataDir, pgdataDir: place.pgdataDir });
  const { password } = await ensureCluster({ dataDir, place, initdb, durable });
  await recordOwner(dataDir);
  const server = await startServer({ place, postgres, port, maxConnections, durable, onLog });
  const urlOf = (database: string) =>
    `postgres://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${database}`;
  try {
    await ensureDatabase(urlOf('postgres'), DATABASE);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, url: urlOf(DATABASE) };
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new Client({
    connectionString: adminUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0)
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
