import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aClient, aMembership, aRole, aUser } from '../../lib/testing/factories.ts';
import { asUser } from '../../lib/testing/identities.ts';
import { answerOf, signIn } from './testing/sign-in.ts';
import { startTestAuth, type TestAuth } from './testing/start.ts';

const PASSWORD = 'correct horse battery';

let auth: TestAuth;

beforeAll(async () => {
  auth = await startTestAuth();
});

afterAll(() => auth.stop());

const register = (email: string, password = PASSWORD) =>
  auth.daemon.client().call('register', { body: { email, password } });
const login = (email: string, password = PASSWORD) =>
  auth.daemon.client().call('login', { body: { email, password } });

describe('register', () => {
  test('makes an active user who is no admin, e-mail trimmed and lower-cased', async () => {
    const result = await register('  Ada@Example.COM ');
    expect(result).toMatchObject({
      status: 201,
      body: { email: 'ada@example.com', is_admin: false, status: 'active' },
    });
    if (!result.ok) return;
    expect(await auth.auditOf(result.body.id)).toMatchObject([
      { action: 'user.register', actor_id: result.body.id },
    ]);
    expect(answerOf(await login('ADA@example.com'))).toBe(200);
  });

  test('refuses an e-mail that is taken, however it is spelt', async () => {
    await register('taken@example.com');
    expect(answerOf(await register('TAKEN@example.com', 'another password'))).toBe('email_taken');
  });

  test('of many at once with one e-mail makes exactly one', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => register('crowd@example.com')),
    );
    const answers = results.map((result) => String(answerOf(result)));
    expect(answers.toSorted((a, b) => a.localeCompare(b))).toEqual([
      '201',
      ...Array<string>(7).fill('email_taken'),
    ]);
  });

  test('does not take over an e-mail that was invited', async () => {
    const invited = await aUser(auth.db, { status: 'invited' });
    expect(answerOf(await register(invited.email))).toBe('email_taken');
    expect(answerOf(await login(invited.email))).toBe('invalid_credentials');
  });

  test.each([
    ['a short password', 'short'],
    ['one of 73 bytes', 'x'.repeat(73)],
    ['one of fewer characters but more bytes', 'ü'.repeat(37)],
    ['a NUL', 'correct horse\0battery'],
    ['half a character', 'correct horse \uD83D'],
  ])('refuses %s as a password, and says why', async (_what, password) => {
    const result = await register('weak@example.com', password);
    expect(result).toMatchObject({
      problem: { code: 'validation_failed', errors: [{ path: 'body.password' }] },
    });
    expect(JSON.stringify(result)).not.toContain(password);
  });

  test('takes a password of exactly 72 bytes, and then nothing longer for it', async () => {
    const longest = 'correct horse battery '.repeat(4).slice(0, 72);
    expect(answerOf(await register('long@example.com', longest))).toBe(201);
    expect(answerOf(await login('long@example.com', longest))).toBe(200);
    expect(answerOf(await login('long@example.com', `${longest}y`))).toBe('invalid_credentials');
  });

  test.each(['nobody', 'a@b', 'ada@example.com\0', ''])(
    'refuses %j as an e-mail',
    async (email) => {
      expect(answerOf(await register(email))).toBe('validation_failed');
    },
  );

  test('refuses fields that it does not know', async () => {
    const response = await fetch(`${auth.daemon.url}/register`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...auth.daemon.vouchFor({ kind: 'anonymous' }),
      },
      body: JSON.stringify({ email: 'x@example.com', password: PASSWORD, is_admin: true }),
    });
    expect(response.status).toBe(422);
  });
});

describe('login', () => {
  test('answers tokens whose claims are the user’s, not to be stored by anything between', async () => {
    const user = await aUser(auth.db, { password: PASSWORD, isAdmin: true });
    const result = await login(user.email);
    if (!result.ok) throw new Error(result.problem.detail);
    const { access_token, refresh_token, ...rest } = result.body;
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 1_800, refresh_expires_in: 604_800 });
    expect(result.headers.get('cache-control')).toBe('no-store');
    const claims = { user_id: user.id, email: user.email, is_admin: true };
    expect(auth.ring.verify(access_token, 'access')).toMatchObject({ ok: true, claims });
    expect(auth.ring.verify(refresh_token, 'refresh')).toMatchObject({ ok: true, claims });
  });

  test('keeps of a refresh token no more than its hash', async () => {
    const user = await aUser(auth.db, { password: PASSWORD });
    const { refresh_token } = await signIn(auth, user.email, PASSWORD);
    const { rows } = await auth.db.query(
      `SELECT t.*, s.* FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
       WHERE s.user_id = $1`,
      [user.id],
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(refresh_token.slice(-20));
  });

  test('gives one answer for a wrong password, an unknown, an invited and a disabled user', async () => {
    const user = await aUser(auth.db, { password: PASSWORD });
    const disabled = await aUser(auth.db, { password: PASSWORD, status: 'disabled' });
    const invited = await aUser(auth.db, { password: PASSWORD, status: 'invited' });
    const answers = [];
    for (const [email, password] of [
      [user.email, 'wrong password'],
      ['unknown@example.com', PASSWORD],
      [invited.email, PASSWORD],
      [disabled.email, PASSWORD],
    ] as const) {
      const result = await login(email, password);
      answers.push(result.ok ? result.status : { ...result.problem, request_id: '' });
    }
    expect(answers[0]).toMatchObject({ status: 401, code: 'invalid_credentials' });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
});

describe('me', () => {
  test('shows the memberships in all clients, and nobody else’s', async () => {
    const user = await aUser(auth.db);
    const role = await aRole(auth.db, { level: 20 });
    const [a, b] = [
      await aClient(auth.db, { clientId: 'me-a' }),
      await aClient(auth.db, { clientId: 'me-b' }),
    ];
    const boss = await aMembership(auth.db, { client: b });
    const inA = await aMembership(auth.db, { client: a, user, role });
    const inB = await aMembership(auth.db, { user, role, reportsTo: boss });
    const result = await auth.daemon.client(asUser(user)).call('me', {});
    const shownRole = { id: role.id, name: role.name, level: '20' };
    expect(result).toMatchObject({
      body: {
        id: user.id,
        email: user.email,
        is_admin: false,
        status: 'active',
        memberships: [
          { id: inA.id, client_id: 'me-a', role: shownRole, reports_to_user_client_id: null },
          { id: inB.id, client_id: 'me-b', role: shownRole, reports_to_user_client_id: boss.id },
        ],
      },
    });
  });

  test('is closed to who is not signed in, and to a user who was disabled', async () => {
    const disabled = await aUser(auth.db, { status: 'disabled' });
    expect(answerOf(await auth.daemon.client().call('me', {}))).toBe('unauthenticated');
    expect(answerOf(await auth.daemon.client(asUser(disabled)).call('me', {}))).toBe(
      'unauthenticated',
    );
  });
});

test('with REGISTRATION=closed nobody registers', async () => {
  const closed = await startTestAuth({ settings: { REGISTRATION: 'closed' } });
  try {
    const body = { email: 'ada@example.com', password: PASSWORD };
    expect(answerOf(await closed.daemon.client().call('register', { body }))).toBe('forbidden');
  } finally {
    await closed.stop();
  }
});
