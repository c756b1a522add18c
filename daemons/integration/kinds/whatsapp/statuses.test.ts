import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../../lib/core/ids.ts';
import { connectionOptions } from '../../../../lib/db/connection.ts';
import { createDatabase, type Database } from '../../../../lib/db/database.ts';
import { onPool, type RunStatement } from '../../../../lib/db/statement.ts';
import { allClients } from '../../../../lib/db/scope.ts';
import { because, retry } from '../../../../lib/providers/outcome.ts';
import type {
  StatusApplied,
  WhatsAppStatus,
} from '../../../../lib/providers/meta/message-status.ts';
import { laneKeyOf, startDeliveryKit, type DeliveryKit } from '../../testing/kit.ts';
import { fanOut } from '../../sending/fan-out.ts';
import { createLaneStore } from '../../sending/lanes.ts';
import type { ClaimedDelivery } from '../../sending/model.ts';
import { delivered, settle } from '../../sending/settle.ts';
import { applyWhatsAppStatus } from './statuses.ts';
import { claim } from '../../sending/transitions/claim.ts';
import { finish } from '../../sending/transitions/finish.ts';
import { putBack } from '../../sending/transitions/put-back.ts';
import { KINDS } from '../index.ts';

const LANE = laneKeyOf('acme', 'whatsapp');

let kit: DeliveryKit;
let pool: Pool;
let database: Database;
let run: RunStatement;
let lease: string;

beforeEach(async () => {
  kit = await startDeliveryKit();
  const connection = { url: kit.url, role: 'leadctl_worker', applicationName: 'test' } as const;
  pool = new Pool({ ...connectionOptions(connection), max: 2 });
  database = createDatabase({ ...connection, poolMax: 2 });
  run = onPool(pool);
  lease = newId();
  await kit.client('acme', { sheets: false });
});

afterEach(async () => {
  await database.stop();
  await pool.end();
  await kit.drop();
});

async function claimOne(): Promise<ClaimedDelivery> {
  await kit.leads('acme', 1);
  // A transaction of any other database on this server may keep it waiting for a moment.
  await kit.until(async () => {
    await fanOut(database, KINDS);
    return (await kit.deliveries()).length > 0;
  });
  await createLaneStore(run).acquire(LANE, lease);
  const [claimed] = (await claim(run, LANE, lease, 1)).deliveries;
  if (claimed === undefined) throw new Error('there was nothing to claim');
  return claimed;
}

const accept = (delivery: ClaimedDelivery) =>
  finish(run, [
    {
      ...delivered(delivery, null, { reference: 'wamid.1', providerStatus: 'accepted' }),
      lease,
    },
  ]);

const apply = (
  delivery: ClaimedDelivery,
  status: Partial<WhatsAppStatus>,
): Promise<StatusApplied> =>
  database.inTransaction(allClients('a test'), (unit) =>
    applyWhatsAppStatus(unit, {
      messageId: 'wamid.1',
      deliveryId: delivery.id,
      status: 'failed',
      at: new Date(),
      error: null,
      ...status,
    }),
  );

const failedWith = (code: string) => ({ error: { code, message: 'why' } });

async function now() {
  const [delivery] = await kit.deliveries();
  const { rows } = await kit.pool.query('SELECT held_code FROM lanes');
  return { delivery, heldCode: rows[0]?.held_code };
}

describe('a message that is confirmed while an attempt is under way', () => {
  test('is never sent again, whatever became of this attempt', async () => {
    const claimed = await claimOne();
    expect(await apply(claimed, { messageId: 'wamid.0', status: 'sent' })).toBe('applied');
    const failure = because(retry(), { code: '131000', message: 'try again' });
    await finish(run, [{ ...settle(claimed, failure, null).result, lease }]);
    expect((await now()).delivery).toMatchObject({ status: 'delivered', next_attempt_at: null });
  });

  test('is not sent again when the attempt was put back either', async () => {
    const claimed = await claimOne();
    await apply(claimed, { messageId: 'wamid.0', status: 'delivered' });
    await putBack(run, lease, [claimed.id], 0);
    expect((await now()).delivery).toMatchObject({ status: 'delivered', next_attempt_at: null });
    expect((await claim(run, LANE, lease, 1)).deliveries).toEqual([]);
  });
});

describe('a failure that comes while the call is under way', () => {
  test('is to be told again, and then postpones as its class says', async () => {
    const claimed = await claimOne();
    await expect(apply(claimed, failedWith('131049'))).rejects.toThrow('is being sent right now');
    await accept(claimed);
    expect(await apply(claimed, failedWith('131049'))).toBe('applied');
    const { delivery } = await now();
    expect(delivery).toMatchObject({ status: 'retrying', last_error_code: '131049' });
    expect(delivery?.next_attempt_at?.getTime()).toBeGreaterThan(Date.now() + 86_000_000);
  });

  test('holds its lane once the call has ended', async () => {
    const claimed = await claimOne();
    await expect(apply(claimed, failedWith('131042'))).rejects.toThrow('is being sent right now');
    await accept(claimed);
    await apply(claimed, failedWith('131042'));
    expect(await now()).toMatchObject({ heldCode: '131042', delivery: { status: 'held' } });
  });
});

test('a late failure of settings that are gone holds nothing under those of now', async () => {
  const claimed = await claimOne();
  await accept(claimed);
  await kit.pool.query(
    `WITH changed AS (UPDATE destinations SET version = 2 RETURNING id, client_id, settings)
     INSERT INTO destination_versions (client_id, destination_id, version, settings)
     SELECT client_id, id, 2, settings FROM changed`,
  );
  expect(await apply(claimed, failedWith('190'))).toBe('applied');
  expect(await now()).toMatchObject({ heldCode: null, delivery: { status: 'retrying' } });
});
