import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withSettingFiles } from './setting-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leadctl-settings-'));
  writeFileSync(join(folder, 'jwt'), 'k1:a secret with = and spaces\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a setting is read from the file that NAME_FILE names, without its line break', () => {
  const env = withSettingFiles({ JWT_SECRETS_FILE: join(folder, 'jwt'), HOST: '::' });
  expect(env['JWT_SECRETS']).toBe('k1:a secret with = and spaces');
  expect(env['HOST']).toBe('::');
});

test('what is no setting of ours stays as it is', () => {
  const env = { SSL_CERT_FILE: '/etc/none.pem', DATABASE_URL_FILE: '' };
  expect(withSettingFiles(env)).toEqual(env);
});

test('both, or a file that is not there, is an error that names the setting', () => {
  const both = { FERNET_KEYS: 'x', FERNET_KEYS_FILE: '/x' };
  expect(() => withSettingFiles(both)).toThrow('FERNET_KEYS and FERNET_KEYS_FILE are both set');
  const gone = { INTERNAL_KEY_FILE: join(folder, 'none') };
  expect(() => withSettingFiles(gone)).toThrow(
    'INTERNAL_KEY_FILE names a file that cannot be read',
  );
});
