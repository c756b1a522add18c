import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { CountStore } from '../store.ts';
import { COUNTING, flexibleStore } from './flexible.ts';

const TIMEOUT_MS = 1_000;
const LONGEST_RETRY_MS = 2_000;

/** Counters in Redis; commands of one round travel together. */
export function redisStore(url: string): CountStore {
  const client = new Redis(url, {
    enableAutoPipelining: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    // While it is away commands fail with the next vain attempt: whoever asks has something else to go by.
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(100 * attempt, LONGEST_RETRY_MS),
  });
  // The command that fails says so to whoever sent it.
  client.on('error', () => undefined);
  const limiter = new RateLimiterRedis({ ...COUNTING, storeClient: client });
  return flexibleStore(limiter, async () => client.disconnect());
}
