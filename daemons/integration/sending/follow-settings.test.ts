import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientIdSchema, newId } from '../../../lib/core/ids.ts';
import { connectionOptions } from '../../../lib/db/connection.ts';
import { createDatabase, type Database } from '../../../lib/db/database.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { inUnit, onPool } from '../../../lib/db/statement.ts';
import { destinationId, laneKeyOf, startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';
import { lockDestination, saveDestination } from '../destinations/store.ts';
import { KINDS } from '../kinds/index.ts';
import { fanOut } from './fan-out.ts';
import { createLaneStore, type LaneStore } from './lanes.ts';
import { followSettings } from './follow-settings.ts';
import { restart } from './transitions/restart.ts';

const LANE = laneKeyOf('acme', 'google_sheets');
const ACME = clientScope(clientIdSchema.parse('acme'));

let kit: DeliveryKit;
let pool: Pool;
let worker: Database;
let database: Database;
let lanes: LaneStore;

beforeEach(async () => {
  kit = await startDeliveryKit();
  const as = (role: 'leadctl_worker' | 'leadctl_integration') =>
    ({ url: kit.url, role, applicationName: 'test' }) as const;
  pool = new Pool({ ...connectionOptions(as('leadctl_worker')), max: 2 });
  worker = createDatabase({ ...as('leadctl_worker'), poolMax: 1 });
  database = createDatabase({ ...as('leadctl_integration'), poolMax: 1 });
  lanes = createLaneStore(onPool(pool));
  await kit.client('acme', { whatsapp: false });
  await kit.leads('acme', 1);
  // A transaction of any other database on this server may keep it waiting for a moment.
  await kit.until(async () => {
    await fanOut(worker, KINDS);
    return (await kit.deliveries()).length > 0;
  });
});

afterEach(async () => {
  await database.stop();
  await worker.stop();
  await pool.end();
  await kit.drop();
});

describe('starting anew', () => {
  const start = async () => {
    const ids = (await kit.deliveries()).map(({ id }) => id);
    await database.inTransaction(ACME, (unit) => restart(inUnit(unit), ids));
    return lanes.acquire(LANE, newId());
  };

  test('ends a pause of ours', async () => {
    await lanes.pause(LANE, 60_000);
    expect(await start()).toBeDefined();
  });

  test('keeps a longer wait, which the provider named', async () => {
    await lanes.pause(LANE, 600_000);
    expect(await start()).toBeUndefined();
  });
});

describe('a row that may be in the sheet already', () => {
  const versionAfter = async (change: Record<string, unknown>) => {
    await kit.pool.query('UPDATE deliveries SET is_doubtful = true');
    await database.inTransaction(ACME, async (unit) => {
      const before = await lockDestination(unit, destinationId('acme', 'google_sheets'));
      if (before === undefined) throw new Error('there is no sheet');
      const next = { ...before, settings: { ...before.settings, ...change }, version: 2 };
      await saveDestination(unit, next);
      await followSettings(unit, KINDS, next);
    });
    const { rows } = await kit.pool.query('SELECT settings_version FROM deliveries');
    return rows[0]?.settings_version;
  };

  test('stays under the settings that name its sheet', async () => {
    expect(await versionAfter({ sheet_name: 'Another' })).toBe(1);
  });

  test('follows to settings that name the same sheet', async () => {
    expect(await versionAfter({ columns: ['lead_id', 'name'] })).toBe(2);
  });
});
