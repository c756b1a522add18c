import { createPool } from '../db/pool.ts';
import type { DbRole } from '../db/connection.ts';
import type { Logger } from '../telemetry/log.ts';
import { createLimits, type Limits } from './limits.ts';
import type { CountStore } from './store.ts';
import { memoryStore } from './stores/memory.ts';
import { postgresStore } from './stores/postgres.ts';

export interface LimitsPlace {
  /** `LIMITS_URL`; the daemon's own database when there is none. */
  readonly limitsUrl: string | undefined;
  readonly databaseUrl: string;
  readonly role: DbRole;
  readonly applicationName: string;
}

/** Connections for counting: one round at a time, and now and again somebody who waits. */
const CONNECTIONS = 2;

/** Limits on the store that the settings name. Nothing is connected before it is needed. */
export function openLimits(place: LimitsPlace, log: Logger): Limits {
  return createLimits({ store: storeAt(place, log), log });
}

export function storeAt({ limitsUrl, databaseUrl, ...as }: LimitsPlace, log: Logger): CountStore {
  const url = limitsUrl ?? databaseUrl;
  switch (new URL(url).protocol) {
    case 'memory:':
      return memoryStore();
    case 'redis:':
    case 'rediss:':
      return loadedLater(async () => (await import('./stores/redis.ts')).redisStore(url));
    case 'mongodb:':
    case 'mongodb+srv:':
      return loadedLater(async () => (await import('./stores/mongo.ts')).mongoStore(url));
    default:
      return postgresStore(
        createPool(
          {
            url,
            ...as,
            max: CONNECTIONS,
            // Elsewhere all who share counts share one URL, and with it the user that it names.
            ...(limitsUrl === undefined ? {} : { as: 'owner' }),
          },
          log,
        ),
      );
  }
}

/** The drivers of stores that few installations use are loaded only where one does. */
function loadedLater(load: () => Promise<CountStore>): CountStore {
  let loading: Promise<CountStore> | undefined;
  const loaded = () => (loading ??= load());
  return {
    add: async (additions) => (await loaded()).add(additions),
    read: async (key) => (await loaded()).read(key),
    remove: async (key) => (await loaded()).remove(key),
    prune: async () => (await loaded()).prune(),
    stop: async () => (await loading)?.stop(),
  };
}
