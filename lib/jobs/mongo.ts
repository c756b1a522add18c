import { MongoBackend } from '@agendajs/mongo-backend';
import type { AgendaBackend } from 'agenda';
import { MongoClient } from 'mongodb';

/** The driver waits 30 s for a server unless told: longer than stopping may take. */
const SERVER_SELECTION_TIMEOUT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 3_000;
/** A server that takes a request and never answers. */
const SOCKET_TIMEOUT_MS = 10_000;
const POOL_MAX = 8;

/** Agenda's jobs on MongoDB, its indexes made; any number of processes may do so at once. */
export async function connectMongo(url: string): Promise<AgendaBackend> {
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    socketTimeoutMS: SOCKET_TIMEOUT_MS,
    maxPoolSize: POOL_MAX,
  });
  try {
    await client.connect();
    const backend = new MongoBackend({ mongo: client.db(), ensureIndex: true });
    await backend.connect();
    return {
      name: backend.name,
      repository: backend.repository,
      ownsConnection: false,
      connect: () => backend.connect(),
      disconnect: () => client.close(),
    };
  } catch (error) {
    // Whoever tries again opens a client anew: this one would stay open for good.
    await client.close();
    throw error;
  }
}
