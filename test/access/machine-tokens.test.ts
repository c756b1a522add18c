import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../../bin/manifest/testing/platform.ts';
import { runLeadctl, type Ran } from '../../bin/testing/run.ts';
import { auditOfAction } from './audit.ts';

/** A script's life with tokens of its own, by leadctl alone. */
let platform: TestPlatform;
let dir: string;

beforeAll(async () => {
  platform = await startTestPlatform();
  dir = await mkdtemp(path.join(tmpdir(), 'leadctl-token-'));
  for (const line of [
    'client create acme --name Acme',
    'client create globex --name Globex',
    'role create agent --level 20',
    'role grant agent GET~/api/clients/{client_id}/leads POST~/api/clients/{client_id}/leads',
    'role grant agent POST~/api/clients/{client_id}/members',
    'role create integrator --level 30',
    'role grant integrator POST~/api/clients/{client_id}/api-keys',
  ]) {
    const ran = await asAdmin(line);
    if (ran.code !== 0) throw new Error(`${line}: ${ran.err}`);
  }
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await rm(dir, { recursive: true, force: true });
});

const words = (line: string) => line.split(' ').map((word) => word.replaceAll('~', ' '));
const asAdmin = (line: string): Promise<Ran> => platform.run(words(line));
const withToken = (token: string, line: string): Promise<Ran> =>
  runLeadctl(words(line), dir, { env: { LEADCTL_URL: platform.url, LEADCTL_TOKEN: token } });

async function aToken(line: string): Promise<string> {
  const made = await asAdmin(`token create ${line} -o name`);
  expect(made.err).toContain('cannot be shown again');
  expect(made.out).toMatch(/^lsk_[0-9A-Za-z]{40}\n$/);
  return made.out.trim();
}

test('a client’s token acts by its role in that client, and is told and written down by its name', async () => {
  const token = await aToken('ci --client acme --role agent');
  const who = JSON.parse((await withToken(token, 'whoami -o json')).out);
  expect(who).toMatchObject({
    email: null,
    machine_token: 'ci',
    is_admin: false,
    memberships: [{ client_id: 'acme', role: { name: 'agent' } }],
  });
  expect((await withToken(token, 'lead ls --client acme')).code).toBe(0);
  expect((await withToken(token, 'lead ls --client globex')).code).toBe(5);
  expect((await withToken(token, 'user ls')).code).toBe(4);
  expect((await withToken(token, 'client ls -o name')).out).toBe('acme\n');
  expect((await withToken(token, 'can-i GET /api/clients/acme/leads')).out).toContain('yes');
  const add = `member add puppet@evil.example --client acme --role`;
  expect((await withToken(token, `${add} integrator`)).err).toContain('api-keys');
  expect((await withToken(token, `${add} agent`)).code).toBe(0);
  expect(await auditOfAction(platform, 'acme', 'member.create')).toMatchObject([
    { actor_kind: 'token', actor_id: who.id },
  ]);
});

test('an administrator’s token may do what one may, until it is revoked by name', async () => {
  const token = await aToken('deploy --admin');
  expect((await withToken(token, 'user ls')).code).toBe(0);
  expect((await withToken(token, 'whoami -o name')).out).toBe('machine token deploy\n');
  expect((await asAdmin('token ls')).out).toContain('deploy');
  expect((await asAdmin('token revoke deploy --yes')).code).toBe(0);
  await expect
    .poll(async () => (await withToken(token, 'user ls')).code, { timeout: 1_000 })
    .toBe(4);
  expect((await asAdmin('token revoke deploy --yes')).code).toBe(5);
});

test('a token needs a role or --admin, not both', async () => {
  expect((await asAdmin('token create x')).code).toBe(2);
  expect((await asAdmin('token create x --client acme --role agent --admin')).code).toBe(2);
});

test('apply takes no account that nobody has proven, unless it is told to, and then shows a new link', async () => {
  const email = 'ceo@acme.example';
  const registered = await fetch(`${platform.url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'an attacker’s own 42 words' }),
  });
  expect(registered.status).toBe(201);
  const manifest = JSON.stringify({
    apiVersion: 'leadctl/v1',
    clients: [{ client_id: 'acme', name: 'Acme', members: [{ email, role: 'agent' }] }],
  });
  const apply = (...more: string[]) =>
    platform.run(['apply', '-f', '-', '--yes', '-o', 'json', ...more], { stdin: manifest });
  const refused = await apply();
  expect(refused.code).not.toBe(0);
  expect(JSON.parse(refused.out)).toMatchObject([
    { status: 'failed', error: expect.stringContaining('account') },
  ]);
  const accepted = await apply('--accept-unproven');
  expect(accepted.code).toBe(0);
  expect(JSON.parse(accepted.out)).toMatchObject([{ status: 'done', name: email }]);
  expect(accepted.out).toContain('/account/#token=');
  const add = await asAdmin(`member add ${email} --client globex --role agent`);
  expect(add.code).toBe(0);
});
