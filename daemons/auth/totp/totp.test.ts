import { generate } from 'otplib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aUser, type TestUser } from '../../../lib/testing/factories.ts';
import { asUser } from '../../../lib/testing/identities.ts';
import { answerOf } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start.ts';

const PASSWORD = 'correct horse battery';

let auth: TestAuth;
let user: TestUser;
let aheadMs = 0;

beforeAll(async () => {
  auth = await startTestAuth({ clock: () => new Date(Date.now() + aheadMs) });
});
beforeEach(async () => {
  aheadMs = 0;
  user = await aUser(auth.db, { password: PASSWORD, isAdmin: true });
});
afterAll(() => auth.stop());

const own = () => auth.daemon.client(asUser(user));
const login = (totp?: string, password = PASSWORD) =>
  auth.daemon.client().call('login', {
    body: { email: user.email, password, ...(totp === undefined ? {} : { totp }) },
  });
/** What the app shows now, by the auth daemon's clock. */
const codeOf = (secret: string) =>
  generate({ secret, epoch: Math.floor((Date.now() + aheadMs) / 1_000) });
const wait = (seconds: number) => {
  aheadMs += seconds * 1_000;
};

async function setUp(): Promise<{ secret: string; recoveryCodes: string[] }> {
  const begun = await own().call('beginTotp', {});
  if (!begun.ok) throw new Error(begun.problem.detail);
  const { secret } = begun.body;
  const confirmed = await own().call('confirmTotp', { body: { code: await codeOf(secret) } });
  if (!confirmed.ok) throw new Error(confirmed.problem.detail);
  wait(30);
  return { secret, recoveryCodes: confirmed.body.recovery_codes };
}

describe('an authenticator app', () => {
  test('is asked for at login once it is confirmed, and not before', async () => {
    const begun = await own().call('beginTotp', {});
    if (!begun.ok) throw new Error(begun.problem.detail);
    expect(begun.body.otpauth_url).toMatch(/^otpauth:\/\/totp\/leadctl:.*secret=/);
    expect(answerOf(await login())).toBe(200);
    const wrong = await own().call('confirmTotp', { body: { code: '000000' } });
    expect(answerOf(wrong)).toBe('invalid_credentials');
    expect(answerOf(await login())).toBe(200);
    const { secret } = await setUp();
    expect(await own().call('me', {})).toMatchObject({ body: { has_totp: true } });
    expect(await login()).toMatchObject({
      problem: {
        status: 401,
        code: 'invalid_credentials',
        errors: [{ path: 'body.totp', message: expect.stringContaining('6 digits') }],
      },
    });
    expect(answerOf(await login(await codeOf(secret)))).toBe(200);
    expect(await auth.auditOf(user.id)).toContainEqual({
      action: 'totp.enable',
      actor_id: user.id,
      ip: '127.0.0.1',
    });
  });

  test('is not mentioned to whoever has not got the password', async () => {
    const { secret } = await setUp();
    const guesses = [
      await login(undefined, 'a wrong guess'),
      await login(await codeOf(secret), 'x'),
    ];
    for (const guess of guesses) {
      expect(guess).toMatchObject({ problem: { code: 'invalid_credentials' } });
      expect(guess).not.toHaveProperty('problem.errors');
    }
  });

  test('gives codes that are taken once, also of two at the same time', async () => {
    const { secret } = await setUp();
    const code = await codeOf(secret);
    const both = await Promise.all([login(code), login(code)]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answerOf(await login(code))).toBe('invalid_credentials');
    wait(30);
    expect(answerOf(await login(code))).toBe('invalid_credentials');
    expect(answerOf(await login(await codeOf(secret)))).toBe(200);
  });

  test('is stood in for by each recovery code once, however it is typed', async () => {
    const { recoveryCodes } = await setUp();
    const [first = '', second = ''] = recoveryCodes;
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(answerOf(await login(first))).toBe(200);
    expect(answerOf(await login(first))).toBe('invalid_credentials');
    expect(answerOf(await login(second.toUpperCase().replaceAll('-', ' ')))).toBe(200);
    const { rows } = await auth.db.query(
      'SELECT s.sealed, c.* FROM totp_secrets s JOIN totp_recovery_codes c USING (user_id)',
    );
    for (const code of recoveryCodes) expect(JSON.stringify(rows)).not.toContain(code);
  });

  test('is guessed ten times in a quarter of an hour, from wherever', async () => {
    const { secret } = await setUp();
    const answers = [];
    for (let guesses = 0; guesses < 11; guesses += 1) answers.push(answerOf(await login('000000')));
    expect(answers).toEqual([...Array<string>(10).fill('invalid_credentials'), 'rate_limited']);
    const elsewhere = await auth.daemon.client().call('login', {
      body: { email: user.email, password: PASSWORD, totp: await codeOf(secret) },
      headers: { 'x-forwarded-for': '192.0.2.9' },
    });
    expect(answerOf(elsewhere)).toBe('rate_limited');
  });

  test('cannot be replaced by an access token alone, and goes by a code or the password', async () => {
    const { secret } = await setUp();
    const remove = (body: { code: string } | { password: string }) =>
      own().call('removeTotp', { body });
    expect(answerOf(await own().call('beginTotp', {}))).toBe('conflict');
    expect(answerOf(await remove({ code: '000000' }))).toBe('invalid_credentials');
    expect(answerOf(await remove({ password: 'a wrong guess' }))).toBe('invalid_credentials');
    expect(answerOf(await remove({ code: await codeOf(secret) }))).toBe(204);
    expect(answerOf(await login())).toBe(200);
    await setUp();
    expect(answerOf(await remove({ password: PASSWORD }))).toBe(204);
    expect(answerOf(await remove({ password: PASSWORD }))).toBe('conflict');
    expect(answerOf(await login())).toBe(200);
  });
});
