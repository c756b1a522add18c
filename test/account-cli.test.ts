import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runLeadctl, type Ran } from '../bin/testing/run.ts';
import { aClient, aRole, aUser } from '../lib/testing/factories.ts';
import { startPlatform, type AccessPlatform } from './access/platform.ts';

const FIRST = 'seven kettles, one violin';
const SECOND = 'a plum tree in winter light';

let platform: AccessPlatform;
let home: string;

beforeAll(async () => {
  platform = await startPlatform();
  home = await mkdtemp(join(tmpdir(), 'leadctl-account-'));
});
afterAll(async () => {
  await platform?.stop();
  await rm(home, { recursive: true, force: true });
});

/** A person's own leadctl: `typed` is what they type when asked, else there is no terminal. */
const run = (
  who: string,
  line: string,
  given: { typed?: string; stdin?: string; token?: string } = {},
): Promise<Ran> =>
  runLeadctl([...line.split(' '), '--url', platform.gateways[0]], join(home, who), {
    tty: given.typed !== undefined,
    stdin: given.typed ?? given.stdin ?? '',
    env: given.token === undefined ? {} : { LEADCTL_TOKEN: given.token },
  });

test('a person joins, logs in, sees to their sessions and password, without ever using curl', async () => {
  const admin = await aUser(platform.db, { isAdmin: true });
  const token = platform.tokenOf({ ...admin, isAdmin: true });
  const { clientId } = await aClient(platform.db);
  const role = await aRole(platform.db);
  const email = 'rep@acme.example';

  const added = await run('admin', `member add ${email} --role ${role.name} --client ${clientId}`, {
    token,
  });
  expect(added).toMatchObject({ code: 0, err: expect.stringContaining('/account/#token=') });
  const invited = await run('admin', `member invite ${email} --client ${clientId} -o name`, {
    token,
  });
  expect(invited.out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/account\/#token=[\w-]{43}\n$/);

  // The link in a file, a weak password from a pipe; then both typed in.
  await writeFile(join(home, 'link'), invited.out);
  const weak = await run('rep', `password set --link-file ${join(home, 'link')} --password-stdin`, {
    stdin: 'password12\n',
  });
  expect(weak).toMatchObject({ code: 1, err: expect.stringContaining('too easy to guess') });
  const set = await run('rep', 'password set', { typed: `${invited.out}${FIRST}\n` });
  expect(set).toMatchObject({ code: 0, err: expect.stringContaining(`password of ${email}`) });
  expect(set.err).not.toContain(FIRST);

  // Two logins; the one ends the other.
  const login = (who: string, typed: string) => run(who, `login --email ${email}`, { typed });
  expect(await login('rep', `${FIRST}\n`)).toMatchObject({ code: 0 });
  expect(await login('elsewhere', `${FIRST}\n`)).toMatchObject({ code: 0 });
  const listed = await run('rep', 'session ls -o json');
  const sessions: { id: string; current: boolean; user_agent: string }[] = JSON.parse(listed.out);
  expect(sessions.map(({ current }) => current)).toEqual([false, true]);
  expect(sessions[0]?.user_agent).toContain('leadctl/');
  expect(await run('rep', `session rm ${sessions[0]?.id}`)).toMatchObject({ code: 0 });
  expect((await run('elsewhere', 'whoami')).code).toBe(4);

  // A changed password keeps this login and ends the others.
  expect(await login('elsewhere', `${FIRST}\n`)).toMatchObject({ code: 0 });
  const changed = await run('rep', 'password change', { typed: `${FIRST}\n${SECOND}\n` });
  expect(changed).toMatchObject({ code: 0 });
  expect((await run('rep', 'whoami')).code).toBe(0);
  expect((await run('elsewhere', 'whoami')).code).toBe(4);

  expect(await run('rep', `password forgot --email ${email}`)).toMatchObject({
    code: 0,
    err: expect.stringContaining('sends no e-mail'),
  });
});

test('an authenticator app is set up, asked for at login, and removed again', async () => {
  const user = await aUser(platform.db, { password: FIRST });
  const login = (flags: string, given: { typed?: string; stdin?: string }) =>
    run('ada', `login --email ${user.email}${flags}`, given);
  expect(await login('', { typed: `${FIRST}\n` })).toMatchObject({ code: 0 });

  const wrong = await run('ada', 'totp enable', { stdin: '000000\n' });
  expect(wrong.code).toBe(4);
  expect(wrong.err).toMatch(/otpauth:\/\/totp\/leadctl:[^ ]*secret=[A-Z2-7]+/);
  // leadctl has a secret of its own each time; one that is known here gives the right code.
  const token = platform.tokenOf(user);
  const begun = await fetch(`${platform.gateways[0]}/api/auth/totp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const { secret }: { secret: string } = JSON.parse(await begun.text());
  const confirmed = await fetch(`${platform.gateways[0]}/api/auth/totp/confirm`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ code: await generate({ secret }) }),
  });
  const { recovery_codes: codes }: { recovery_codes: string[] } = JSON.parse(
    await confirmed.text(),
  );

  const without = await login(' --password-stdin', { stdin: FIRST });
  expect(without).toMatchObject({ code: 4, err: expect.stringContaining('authenticator app') });
  const asked = await login('', { typed: `${FIRST}\n${codes[0]}\n` });
  expect(asked).toMatchObject({ code: 0 });
  expect(await login(` --password-stdin --totp ${codes[1]}`, { stdin: FIRST })).toMatchObject({
    code: 0,
  });
  expect(await run('ada', `totp disable --code ${codes[2]}`)).toMatchObject({ code: 0 });
  expect(await login(' --password-stdin', { stdin: FIRST })).toMatchObject({ code: 0 });
  const { rows } = await platform.db.query('SELECT has_totp FROM users WHERE id = $1', [user.id]);
  expect(rows).toEqual([{ has_totp: false }]);
});
