import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../../lib/db/database.ts';
import { createKeyring } from '../../../lib/secrets/fernet.ts';
import { openFor, sealFor } from '../../../lib/secrets/sealed.ts';
import { aUser } from '../../../lib/testing/factories.ts';
import { startTestAuth, type TestAuth } from '../testing/start.ts';
import { bindingOf } from './check.ts';
import { rotateTotpSecrets } from './rotate.ts';

const keyOf = (byte: number) => `${Buffer.alloc(32, byte).toString('base64url')}=`;
const [OLD, NEW, LOST] = [keyOf(1), keyOf(2), keyOf(3)];

let auth: TestAuth;
let database: Database;
beforeAll(async () => {
  auth = await startTestAuth();
  database = createDatabase({
    url: auth.databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 1,
  });
});
afterAll(async () => {
  await database.stop();
  await auth.stop();
});

async function aSecretUnder(key: string, secret: string): Promise<string> {
  const { id } = await aUser(auth.db);
  await auth.db.query('INSERT INTO totp_secrets (user_id, sealed) VALUES ($1, $2)', [
    id,
    sealFor(createKeyring([key]), bindingOf(id), secret),
  ]);
  return id;
}

test('authenticator secrets go under the newest key, and what no key opens is named', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 101; n += 1) ids.push(await aSecretUnder(OLD, `secret ${n}`));
  const lost = await aSecretUnder(LOST, 'lost');
  const keyring = createKeyring([NEW, OLD]);
  const rotate = (isDryRun: boolean) => rotateTotpSecrets({ database, keyring, isDryRun });
  expect(await rotate(true)).toEqual({ rotated: 101, failed: [lost] });
  expect(await rotate(false)).toEqual({ rotated: 101, failed: [lost] });
  expect(await rotate(false)).toEqual({ rotated: 0, failed: [lost] });
  const { rows } = await auth.db.query('SELECT sealed FROM totp_secrets WHERE user_id = $1', [
    ids[7],
  ]);
  const opened = openFor(createKeyring([NEW]), bindingOf(ids[7] ?? ''), rows[0].sealed);
  expect(opened).toMatchObject({ ok: true, secret: 'secret 7' });
});
