import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../../lib/db/pool.ts';
import { anApiKey } from '../../../lib/testing/lead-factories.ts';
import { createTestDatabase, type TestDatabase } from '../../../lib/testing/database.ts';
import { openAsOwner } from '../../../lib/testing/factories.ts';
import { sha256Hex } from '../../../lib/secrets/tokens.ts';
import { createLogger } from '../../../lib/telemetry/log.ts';
import { createKeyLookup } from './lookup.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('a flood of unknown keys is looked up in few statements, and the known ones among them are found', async () => {
  const owner = openAsOwner(database);
  const pool = createPool(
    { url: database.url, role: 'leadctl_ingest', applicationName: 'leadctl-test', max: 2 },
    createLogger({ service: 'lead', version: 'test', level: 'silent' }),
  );
  let statements = 0;
  pool.on('acquire', () => (statements += 1));
  try {
    const keys = [await anApiKey(owner), await anApiKey(owner), await anApiKey(owner)];
    const revoked = await anApiKey(owner, { revokedAt: new Date() });
    const lookup = createKeyLookup(pool);
    const flood = Array.from({ length: 300 }, (_, n) => lookup(sha256Hex(`made up ${n}`)));
    const found = await Promise.all(keys.map(({ key }) => lookup(sha256Hex(key))));
    expect(found).toMatchObject(keys.map(({ id, clientId }) => ({ id, clientId })));
    expect(await lookup(sha256Hex(revoked.key))).toBeUndefined();
    expect(new Set(await Promise.all(flood))).toEqual(new Set([undefined]));
    expect(statements).toBeLessThanOrEqual(3);
  } finally {
    await pool.end();
    await owner.end();
  }
});
