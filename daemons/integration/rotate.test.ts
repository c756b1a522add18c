import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase } from '../../lib/db/database.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { openFor } from '../../lib/secrets/sealed.ts';
import { bindingOf } from './destinations/secrets.ts';
import { rotateSecrets } from './rotate.ts';
import { FERNET_KEY, startDeliveryKit, type DeliveryKit } from './testing/kit.ts';

let kit: DeliveryKit;

beforeEach(async () => {
  kit = await startDeliveryKit();
});

afterEach(async () => {
  await kit.drop();
});

const newKey = () => randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

async function rotate(keys: readonly string[], isDryRun = false) {
  const database = createDatabase({
    url: kit.url,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 1,
  });
  try {
    return await rotateSecrets({ database, keyring: createKeyring(keys), isDryRun });
  } finally {
    await database.stop();
  }
}

test('after a rotation the newest key alone opens every secret, which is the same', async () => {
  await kit.client('acme');
  await kit.client('other');
  const key = newKey();
  expect(await rotate([key, FERNET_KEY])).toEqual({ clients: 2, rotated: 4, failed: [] });
  const { rows } = await kit.pool.query(
    `SELECT id, client_id, kind, secrets FROM destinations WHERE client_id = 'acme' AND kind = 'whatsapp'`,
  );
  const { sealed } = rows[0].secrets.access_token;
  const binding = bindingOf(rows[0], 'access_token');
  expect(openFor(createKeyring([key]), binding, sealed)).toMatchObject({
    ok: true,
    secret: 'token',
  });
  expect(await rotate([key])).toEqual({ clients: 2, rotated: 0, failed: [] });
});

const configs = async (): Promise<unknown> =>
  (await kit.pool.query('SELECT client_id, secrets, updated_at FROM destinations')).rows;

test('a dry run counts and changes nothing', async () => {
  await kit.client('acme');
  const before = await configs();
  expect(await rotate([newKey(), FERNET_KEY], true)).toMatchObject({ rotated: 2 });
  expect(await configs()).toEqual(before);
});

test('a change under way is waited for, not overwritten', async () => {
  await kit.client('acme');
  const change = await kit.pool.connect();
  await change.query('BEGIN');
  await change.query(`UPDATE destinations SET secrets = '{}' WHERE kind = 'whatsapp'`);
  const rotating = rotate([newKey(), FERNET_KEY]);
  await change.query('SELECT pg_sleep(0.1)');
  await change.query('COMMIT');
  change.release();
  expect(await rotating).toMatchObject({ rotated: 1, failed: [] });
  const { rows } = await kit.pool.query("SELECT secrets FROM destinations WHERE kind = 'whatsapp'");
  expect(rows).toEqual([{ secrets: {} }]);
});

test(
  'deliveries flow while the keys are rotated again and again',
  { timeout: 30_000 },
  async () => {
    const ring = [newKey(), newKey(), FERNET_KEY];
    await kit.client('acme');
    await kit.worker({ fernetKeys: ring });
    for (const [index] of Array.from({ length: 10 }).entries()) {
      await kit.leads('acme', 10);
      await rotate(index % 2 === 0 ? ring : ring.toReversed());
    }
    await kit.until(async () => (await kit.deliveries("status = 'delivered'")).length === 200);
    const delivered = await kit.deliveries();
    expect(delivered).toHaveLength(200);
    expect(delivered.filter(({ attempts }) => attempts !== 1)).toEqual([]);
  },
);

test('a token moved to another client’s row does not open there', async () => {
  await kit.client('acme', { sheets: false });
  await kit.client('thief', { sheets: false });
  await kit.pool.query(
    `UPDATE destinations SET secrets = (SELECT secrets FROM destinations
       WHERE client_id = 'acme' AND kind = 'whatsapp')
     WHERE client_id = 'thief' AND kind = 'whatsapp'`,
  );
  // Rotating it must not make it the thief's either.
  const key = newKey();
  await rotate([key, FERNET_KEY]);
  await kit.worker({ fernetKeys: [key] });
  await kit.leads('thief', 1);
  await kit.leads('acme', 1);
  await kit.until(async () => (await kit.deliveries("status = 'delivered'")).length === 1);
  await kit.until(async () => (await kit.deliveries("status = 'held'")).length === 1);
  const [held] = await kit.deliveries("client_id = 'thief'");
  expect(held).toMatchObject({ status: 'held', last_error_code: 'secret_unreadable' });
  expect(held?.last_error_message).toContain('wrong_row');
  expect(kit.providers.messages).toHaveLength(1);
});

test('a secret that no key opens is left as it is, and named', async () => {
  await kit.client('acme', { sheets: false });
  const { failed, rotated } = await rotate([newKey()]);
  expect(rotated).toBe(0);
  expect(failed).toContainEqual({ clientId: 'acme', field: 'whatsapp.access_token' });
});
