import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase } from '../../../lib/db/database.ts';
import { scansOf } from '../../../lib/testing/scans.ts';
import { KINDS } from '../kinds/index.ts';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';
import { fanOut } from './fan-out.ts';

let kit: DeliveryKit;

beforeAll(async () => {
  kit = await startDeliveryKit();
});
afterAll(async () => {
  await kit.drop();
});

const EVENTS = 5_000;

test('looking for new events reads no table from end to end, on a young table of which nothing is known', async () => {
  await kit.client('acme', { sheets: false });
  await kit.pool.query(
    `ALTER TABLE events SET (autovacuum_enabled = off);
     INSERT INTO events (client_id, lead_id, kind)
     SELECT 'acme', uuidv7(), 'lead.erased' FROM generate_series(1, ${EVENTS})`,
  );
  const before = await scansOf(kit.pool, 'events');
  const database = createDatabase({
    url: kit.url,
    role: 'leadctl_worker',
    applicationName: 'fan-out-plan-test',
    poolMax: 1,
  });
  let found = 0;
  // Events hide behind the oldest transaction of the server, which may be another test's.
  await expect
    .poll(async () => (found += (await fanOut(database, KINDS)).found), { timeout: 20_000 })
    .toBeGreaterThanOrEqual(EVENTS);
  for (let idle = 0; idle < 10; idle += 1) await fanOut(database, KINDS);
  await database.stop();
  expect(await scansOf(kit.pool, 'events')).toBe(before);
});
