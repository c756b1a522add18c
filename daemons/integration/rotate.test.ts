import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase } from '../../lib/db/database.ts';
import { createKeyring } from '../../lib/secrets/fernet.ts';
import { openFor } from '../../lib/secrets/sealed.ts';
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

async function rotate(keys: readonly string[]) {
  const database = createDatabase({
    url: kit.url,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 1,
  });
  try {
    return await rotateSecrets({ database, keyring: createKeyring(keys) });
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
    `SELECT config FROM client_integrations WHERE client_id = 'acme'`,
  );
  const { sealed } = rows[0].config.whatsapp.access_token;
  const binding = { clientId: 'acme', field: 'whatsapp.access_token' };
  expect(openFor(createKeyring([key]), binding, sealed)).toMatchObject({
    ok: true,
    secret: 'token',
  });
  expect(await rotate([key])).toEqual({ clients: 2, rotated: 0, failed: [] });
});

test('a secret that no key opens is left as it is, and named', async () => {
  await kit.client('acme', { sheets: false });
  const { failed, rotated } = await rotate([newKey()]);
  expect(rotated).toBe(0);
  expect(failed).toContainEqual({ clientId: 'acme', field: 'whatsapp.access_token' });
});
