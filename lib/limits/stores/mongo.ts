import { MongoClient } from 'mongodb';
import { RateLimiterMongo } from 'rate-limiter-flexible';
import type { CountStore } from '../store.ts';
import { COUNTING, flexibleStore } from './flexible.ts';

const TIMEOUT_MS = 1_000;
const COLLECTION = 'limit_counts';

/** Counters in MongoDB, in the database that the URL names. */
export function mongoStore(url: string): CountStore {
  const client = new MongoClient(url, {
    serverSelectionTimeoutMS: TIMEOUT_MS,
    connectTimeoutMS: TIMEOUT_MS,
    socketTimeoutMS: TIMEOUT_MS,
  });
  const limiter = new RateLimiterMongo({
    ...COUNTING,
    storeClient: client.db(),
    tableName: COLLECTION,
    disableIndexesCreation: true,
  });
  const store = flexibleStore(limiter, () => client.close());
  let indexes: Promise<void> | undefined;
  // Without the unique index two processes could begin the same counter twice; it has to be there first.
  const ready = async (): Promise<void> => {
    indexes ??= limiter.createIndexes();
    try {
      await indexes;
    } catch (error) {
      indexes = undefined;
      throw error;
    }
  };
  return {
    ...store,
    async add(additions) {
      await ready();
      return store.add(additions);
    },
    async read(key) {
      await ready();
      return store.read(key);
    },
  };
}
