import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SERVICES } from '../../lib/contract/route.ts';
import { databasePassword } from '../../lib/db/passwords.ts';
import { secretSettings } from '../up/secrets-env.ts';
import { newSecrets } from './secrets.ts';
import { processEnv } from './service-env.ts';

const secrets = newSecrets();
const OWNER_PASSWORD = 'the-owners-password';

/** What `leadctl up` has: everything, and more than any daemon should see. */
const everything = {
  ...secrets,
  DATABASE_URL: `postgres://postgres:${OWNER_PASSWORD}@127.0.0.1:5433/leadctl`,
  LEADCTL_ADMIN_EMAIL: 'boss@acme.example',
  LEADCTL_ADMIN_PASSWORD: 'correct horse battery',
  LEADCTL_TOKEN: 'somebody’s token',
  AWS_SECRET_ACCESS_KEY: 'of another program',
  PORT: '8080',
  LEAD_URL: 'http://10.0.0.4:8004',
  PATH: '/usr/bin',
  HOME: '/root',
  NODE_ENV: 'production',
};

test.each(SERVICES)('the process of %s gets what it reads and no other secret', async (service) => {
  const env = await processEnv(service, everything);
  expect(env).toMatchObject({ PATH: '/usr/bin', HOME: '/root', NODE_ENV: 'production' });
  expect(env).toMatchObject({ LEAD_URL: 'http://10.0.0.4:8004' });
  expect(env['DATABASE_URL']).toBe(
    `postgres://leadctl_${service}:${databasePassword(secrets.DATABASE_LOGIN_SECRET, service)}@127.0.0.1:5433/leadctl`,
  );
  const told = JSON.stringify(env);
  for (const secret of [
    OWNER_PASSWORD,
    secrets.DATABASE_LOGIN_SECRET,
    'correct horse battery',
    'somebody’s token',
    'of another program',
  ]) {
    expect(told).not.toContain(secret);
  }
  for (const other of SERVICES.filter((name) => name !== service)) {
    expect(told).not.toContain(databasePassword(secrets.DATABASE_LOGIN_SECRET, other));
  }
  expect(env).not.toHaveProperty('PORT');
});

const SECRETS = [
  'INTERNAL_SECRET',
  'INTERNAL_KEY',
  'JWT_SECRETS',
  'FERNET_KEYS',
  'META_APP_SECRET',
  'META_VERIFY_TOKEN',
];

test('who gets which secret', async () => {
  const lines = await Promise.all(
    SERVICES.map(async (service) => {
      const env = await processEnv(service, everything);
      return `${service}: ${SECRETS.filter((name) => name in env).join(' ')}`;
    }),
  );
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "gateway: INTERNAL_SECRET JWT_SECRETS
    auth: INTERNAL_KEY JWT_SECRETS FERNET_KEYS
    client: INTERNAL_KEY
    user: INTERNAL_KEY
    lead: INTERNAL_KEY
    product: INTERNAL_KEY
    integration: INTERNAL_KEY FERNET_KEYS META_APP_SECRET
    webhook: INTERNAL_KEY FERNET_KEYS META_APP_SECRET META_VERIFY_TOKEN
    permission: INTERNAL_KEY
    hierarchy: INTERNAL_KEY
    worker: INTERNAL_KEY FERNET_KEYS META_APP_SECRET
    sandbox: INTERNAL_KEY META_APP_SECRET META_VERIFY_TOKEN"
  `);
});

test('each service of docker-compose.yml gets the same secrets as a process of "leadctl up --separate"', async () => {
  const compose = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
  const offered = new Set(secretSettings({}).map(({ name }) => name));
  // How many proxies there are is for a person to say, and no secret.
  const asked = [...compose.matchAll(/\$\{(\w+):\?/g)]
    .map(([, name]) => name)
    .filter((name) => name !== 'TRUSTED_PROXIES');
  // What `leadctl secrets env` prints is what the file asks for, all of it and nothing else.
  expect(new Set(asked)).toEqual(offered);
  for (const service of SERVICES.filter((name) => name !== 'sandbox')) {
    const env = await processEnv(service, everything);
    const given = blockOf(compose, service);
    for (const name of SECRETS) {
      expect([service, name, given.includes(` ${name}: `)]).toEqual([service, name, name in env]);
    }
    expect(given).toContain(`{DATABASE_PASSWORD_${service.toUpperCase()}:?`);
    expect(given).not.toContain('POSTGRES_PASSWORD');
  }
});

/** What the file says of a service, with the parts that it shares with others. */
function blockOf(compose: string, service: string): string {
  const indented = (head: string): string =>
    new RegExp(String.raw`\n${head}\n((?: {2}.*\n)+)`).exec(compose)?.[1] ?? '';
  const own = new RegExp(String.raw`\n  ${service}:\n((?: {4}.*\n)+)`).exec(compose)?.[1] ?? '';
  const shared = ['tokens', 'sealing', 'providers', 'mail'].filter((name) =>
    own.includes(`*${name}`),
  );
  return [own, ...shared.map((name) => indented(`x-${name}: &${name}`))].join('\n');
}

test('secrets that are there are kept, and what follows from them stays the same', () => {
  const first = secretSettings({});
  const again = secretSettings(Object.fromEntries(first.map(({ name, value }) => [name, value])));
  expect(again).toEqual(first);
  expect(new Set(first.map(({ value }) => value)).size).toBe(first.length);
});

test('destinations mail to the sandbox where no other server is named; invitations never do', async () => {
  const sandbox = { ...everything, SANDBOX_SMTP_PORT: '8091' };
  for (const service of ['worker', 'integration'] as const) {
    expect(await processEnv(service, sandbox)).toMatchObject({ SMTP_URL: 'smtp://127.0.0.1:8091' });
    const own = { ...sandbox, SMTP_URL: 'smtps://mail.example', MAIL_FROM: 'leads@acme.example' };
    expect(await processEnv(service, own)).toMatchObject({
      SMTP_URL: 'smtps://mail.example',
      MAIL_FROM: 'leads@acme.example',
    });
  }
  for (const service of ['auth', 'user'] as const) {
    expect(await processEnv(service, sandbox)).not.toHaveProperty('SMTP_URL');
  }
});
