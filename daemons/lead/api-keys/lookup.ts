import type { Pool } from 'pg';
import { z } from 'zod';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { createMicroBatcher } from '../../../lib/db/micro-batch.ts';
import type { KnownKey } from './known-key.ts';
import { API_KEY_SCOPES } from './shapes.ts';

/** A live key by its SHA-256 in hexadecimal; a Failure when too many wait to be looked up. */
export type KeyLookup = (hash: string) => Promise<KnownKey | undefined | Failure>;

const keyRow = z.object({
  hash: z.string(),
  id: z.string(),
  client_id: clientIdSchema,
  scopes: z.array(z.enum(API_KEY_SCOPES)),
  allowed_origins: z.array(z.string()),
  rate_limit_per_minute: z.int().nullable(),
  expires_at: z.date().nullable(),
  status: z.enum(['active', 'suspended', 'archived']),
  default_country: z.string().nullable(),
});

const FIND_KEYS = {
  name: 'find-api-keys',
  text: `SELECT encode(k.key_hash, 'hex') AS hash, k.id, k.client_id, k.scopes, k.allowed_origins,
      k.rate_limit_per_minute, k.expires_at, c.status, c.default_country
    FROM client_api_keys k JOIN clients c USING (client_id)
    WHERE k.key_hash = ANY ($1) AND k.revoked_at IS NULL`,
};

const MOST_AT_ONCE = 500;
const MOST_WAITING = 5_000;

/** Whatever waits is looked up together: a flood of made-up keys costs few statements. */
export function createKeyLookup(pool: Pool): KeyLookup {
  const run = async (hashes: readonly string[]): Promise<(KnownKey | 'unknown')[]> => {
    const values = [hashes.map((hash) => Buffer.from(hash, 'hex'))];
    const { rows } = await pool.query({ ...FIND_KEYS, values });
    const found = new Map(rows.map((row) => toEntry(row)));
    return hashes.map((hash) => found.get(hash) ?? 'unknown');
  };
  const batcher = createMicroBatcher({
    run,
    maxInFlight: 1,
    maxBatch: MOST_AT_ONCE,
    maxQueue: MOST_WAITING,
    isRowError: () => false,
  });
  return async (hash) => {
    const outcome = await batcher.submit(hash);
    if (outcome.kind === 'overloaded') {
      return fail('upstream_unavailable', 'Too many keys wait to be looked up; send it again.', {
        retryAfterSeconds: 1,
      });
    }
    return outcome.result === 'unknown' ? undefined : outcome.result;
  };
}

function toEntry(found: unknown): [string, KnownKey] {
  const row = keyRow.parse(found);
  return [
    row.hash,
    {
      id: row.id,
      clientId: row.client_id,
      scopes: row.scopes,
      allowedOrigins: row.allowed_origins,
      rateLimitPerMinute: row.rate_limit_per_minute,
      expiresAtMs: row.expires_at?.getTime() ?? null,
      isClientActive: row.status === 'active',
      defaultCountry: row.default_country,
    },
  ];
}
