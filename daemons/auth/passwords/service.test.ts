import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  aClient,
  aMembership,
  aPasswordLink,
  aUser,
  type TestUser,
} from '../../../lib/testing/factories.ts';
import { asUser } from '../../../lib/testing/identities.ts';
import { answerOf, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start.ts';

const OLD = 'correct horse battery';
const NEW = 'another horse, fresher';
const DAY_MS = 86_400_000;

let auth: TestAuth;
let user: TestUser;
let aheadMs = 0;

beforeAll(async () => {
  auth = await startTestAuth({ clock: () => new Date(Date.now() + aheadMs) });
});

beforeEach(async () => {
  aheadMs = 0;
  user = await aUser(auth.db, { password: OLD });
});

afterAll(() => auth.stop());

const login = (email: string, password: string) =>
  auth.daemon.client().call('login', { body: { email, password } });
const refresh = (refresh_token: string) =>
  auth.daemon.client().call('refresh', { body: { refresh_token } });

describe('a password link', () => {
  const invite = (invited: TestUser) => aPasswordLink(auth.db, invited);
  const set = (token: string, password = NEW) =>
    auth.daemon.client().call('setPassword', { body: { token, password } });

  test('lets an invited user in, once', async () => {
    const invited = await aUser(auth.db, { status: 'invited' });
    const token = await invite(invited);
    expect(await set(token)).toMatchObject({
      status: 200,
      body: { id: invited.id, email: invited.email, status: 'active' },
    });
    expect(answerOf(await login(invited.email, NEW))).toBe(200);
    expect(answerOf(await set(token, 'a stranger’s password'))).toBe('not_found');
    expect(answerOf(await login(invited.email, NEW))).toBe(200);
    expect(await auth.auditOf(invited.id)).toContainEqual({
      action: 'password.set',
      actor_id: invited.id,
      ip: '127.0.0.1',
    });
  });

  test('used by several at once takes one password', async () => {
    const token = await invite(user);
    const results = await Promise.all([1, 2, 3, 4].map((n) => set(token, `${NEW} ${n}`)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const works = [1, 2, 3, 4].find((n) => results[n - 1]?.ok);
    expect(answerOf(await login(user.email, `${NEW} ${works}`))).toBe(200);
  });

  test('is over after seven days, or when another of the user’s was used', async () => {
    const [first, second] = [await invite(user), await invite(user)];
    aheadMs = 7 * DAY_MS + 1_000;
    expect(answerOf(await set(first))).toBe('not_found');
    aheadMs = 0;
    expect(answerOf(await set(first))).toBe(200);
    expect(answerOf(await set(second))).toBe('not_found');
  });

  test('ends the sessions of whoever had the old password', async () => {
    const { refresh_token } = await signIn(auth, user.email, OLD);
    await set(await invite(user));
    expect(answerOf(await refresh(refresh_token))).toBe('unauthenticated');
  });

  test('that a member of a client was shown proves nothing, and opens nothing beyond that client', async () => {
    const [alpha, beta] = [await aClient(auth.db), await aClient(auth.db)];
    const invited = await aUser(auth.db, { status: 'invited', emailProven: true });
    await aMembership(auth.db, { client: alpha, user: invited });
    const within = { withinClient: alpha.clientId };
    const first = await aPasswordLink(auth.db, invited, within);
    expect(await set(first)).toMatchObject({ ok: true, body: { email_proven: false } });
    await aMembership(auth.db, { client: beta, user: invited });
    const second = await aPasswordLink(auth.db, invited, within);
    expect(answerOf(await set(second))).toBe('conflict');
    await auth.db.query('DELETE FROM user_clients WHERE user_id = $1 AND client_id = $2', [
      invited.id,
      beta.clientId,
    ]);
    await auth.db.query('UPDATE users SET is_admin = true WHERE id = $1', [invited.id]);
    expect(answerOf(await set(second))).toBe('conflict');
  });

  test('that was mailed proves the e-mail, in whichever clients its user is', async () => {
    const invited = await aUser(auth.db, { status: 'invited' });
    const client = await aClient(auth.db);
    for (const of of [client, await aClient(auth.db)]) {
      await aMembership(auth.db, { client: of, user: invited });
    }
    const given = { byMail: true, withinClient: client.clientId };
    const token = await aPasswordLink(auth.db, invited, given);
    expect(await set(token)).toMatchObject({ ok: true, body: { email_proven: true } });
  });

  test('takes no password that is easy to guess, and is not used up by one', async () => {
    const token = await invite(user);
    for (const weak of ['1234567890', user.email]) {
      expect(await set(token, weak)).toMatchObject({
        problem: { errors: [{ path: 'body.password', message: expect.stringContaining('easy') }] },
      });
    }
    expect(answerOf(await set(token))).toBe(200);
  });

  test('does not bring a disabled user back', async () => {
    const token = await invite(user);
    await auth.db.query("UPDATE users SET status = 'disabled' WHERE id = $1", [user.id]);
    expect(answerOf(await set(token))).toBe('not_found');
  });

  test('is kept as a hash, and its token is never guessed from it', async () => {
    const token = await invite(user);
    const { rows } = await auth.db.query('SELECT * FROM password_links WHERE user_id = $1', [
      user.id,
    ]);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(answerOf(await set(rows[0].token_hash.toString('hex')))).toBe('not_found');
    expect(answerOf(await set(token, 'short'))).toBe('validation_failed');
    expect(answerOf(await set(token))).toBe(200);
  });
});

describe('a password change', () => {
  const change = (body: {
    current_password: string;
    new_password: string;
    refresh_token?: string;
  }) => auth.daemon.client(asUser(user)).call('changePassword', { body });

  test('replaces the password and ends every session but the one given', async () => {
    const kept = await signIn(auth, user.email, OLD);
    const other = await signIn(auth, user.email, OLD);
    const result = await change({
      current_password: OLD,
      new_password: NEW,
      refresh_token: kept.refresh_token,
    });
    expect(answerOf(result)).toBe(204);
    expect(answerOf(await refresh(kept.refresh_token))).toBe(200);
    expect(answerOf(await refresh(other.refresh_token))).toBe('unauthenticated');
    expect(answerOf(await login(user.email, OLD))).toBe('invalid_credentials');
    expect(answerOf(await login(user.email, NEW))).toBe(200);
  });

  test('without a session to keep ends all of them', async () => {
    const { refresh_token } = await signIn(auth, user.email, OLD);
    await change({ current_password: OLD, new_password: NEW });
    expect(answerOf(await refresh(refresh_token))).toBe('unauthenticated');
  });

  test('keeps no session of somebody else’s in exchange', async () => {
    const stranger = await aUser(auth.db, { password: OLD });
    const own = await signIn(auth, user.email, OLD);
    const theirs = await signIn(auth, stranger.email, OLD);
    const { refresh_token } = theirs;
    await change({ current_password: OLD, new_password: NEW, refresh_token });
    expect(answerOf(await refresh(own.refresh_token))).toBe('unauthenticated');
    expect(answerOf(await refresh(refresh_token))).toBe(200);
  });

  test('needs the current password, and stops whoever guesses at it', async () => {
    const guess = () => change({ current_password: 'a wrong guess', new_password: NEW });
    expect(answerOf(await guess())).toBe('invalid_credentials');
    for (let guesses = 1; guesses < 10; guesses += 1) await guess();
    expect(answerOf(await guess())).toBe('rate_limited');
    expect(answerOf(await login(user.email, OLD))).toBe('rate_limited');
  });

  test('takes no password that is easy to guess', async () => {
    expect(await change({ current_password: OLD, new_password: 'password12' })).toMatchObject({
      problem: { errors: [{ path: 'body.new_password' }] },
    });
  });

  test('of two at once is made by one', async () => {
    const results = await Promise.all(
      [1, 2].map((n) => change({ current_password: OLD, new_password: `${NEW} ${n}` })),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });
});
