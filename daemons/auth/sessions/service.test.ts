import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aUser, type TestUser } from '../../../lib/testing/factories.ts';
import { asUser } from '../../../lib/testing/identities.ts';
import { answerOf, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start.ts';

const PASSWORD = 'correct horse battery';
const DAY_MS = 86_400_000;

let auth: TestAuth;
let user: TestUser;
let aheadMs = 0;

beforeAll(async () => {
  auth = await startTestAuth({ clock: () => new Date(Date.now() + aheadMs) });
});

beforeEach(async () => {
  aheadMs = 0;
  user = await aUser(auth.db, { password: PASSWORD });
});

afterAll(() => auth.stop());

const refresh = (refresh_token: string) =>
  auth.daemon.client().call('refresh', { body: { refresh_token } });

/** The successor of a token that has to be good. */
async function rotate(refreshToken: string): Promise<string> {
  const result = await refresh(refreshToken);
  if (!result.ok) throw new Error(result.problem.detail);
  return result.body.refresh_token;
}

describe('refresh', () => {
  test('answers new tokens, with what the user is by now', async () => {
    const first = await signIn(auth, user.email, PASSWORD);
    await auth.db.query('UPDATE users SET is_admin = true WHERE id = $1', [user.id]);
    const result = await refresh(first.refresh_token);
    if (!result.ok) throw new Error(result.problem.detail);
    expect(result.body.refresh_token).not.toBe(first.refresh_token);
    expect(auth.ring.verify(result.body.access_token, 'access')).toMatchObject({
      claims: { user_id: user.id, is_admin: true },
    });
  });

  test('of a used token is refused, and ends all that came of the same login', async () => {
    const first = await signIn(auth, user.email, PASSWORD);
    const second = await rotate(first.refresh_token);
    const third = await rotate(second);
    expect(answerOf(await refresh(first.refresh_token))).toBe('unauthenticated');
    expect(answerOf(await refresh(third))).toBe('unauthenticated');
    const { rows } = await auth.db.query(
      `SELECT family_id, bool_and(revoked_at IS NOT NULL) AS ended FROM refresh_sessions
       WHERE user_id = $1 GROUP BY family_id`,
      [user.id],
    );
    expect(rows).toEqual([{ family_id: expect.any(String), ended: true }]);
    expect(await auth.auditOf(rows[0].family_id)).toMatchObject([
      { action: 'session.reuse', actor_id: user.id },
    ]);
  });

  test('of a used token leaves the user’s other logins alone', async () => {
    const stolen = await signIn(auth, user.email, PASSWORD);
    const other = await signIn(auth, user.email, PASSWORD);
    await rotate(stolen.refresh_token);
    await refresh(stolen.refresh_token);
    expect(answerOf(await refresh(other.refresh_token))).toBe(200);
  });

  test('by many at once with one token has one winner, whose session ends with the reuse', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { refresh_token } = await signIn(auth, user.email, PASSWORD);
      const results = await Promise.all(Array.from({ length: 4 }, () => refresh(refresh_token)));
      const winners = results.flatMap((result) => (result.ok ? [result.body] : []));
      expect(winners).toHaveLength(1);
      expect(answerOf(await refresh(winners[0]?.refresh_token ?? ''))).toBe('unauthenticated');
    }
  });

  test('racing with the reuse of its predecessor leaves no live token behind', async () => {
    for (let round = 0; round < 20; round += 1) {
      const first = await signIn(auth, user.email, PASSWORD);
      const second = await rotate(first.refresh_token);
      await Promise.all([refresh(first.refresh_token), refresh(second)]);
    }
    const { rows } = await auth.db.query(
      `SELECT count(*)::int AS live FROM refresh_sessions
       WHERE user_id = $1 AND used_at IS NULL AND revoked_at IS NULL`,
      [user.id],
    );
    expect(rows).toEqual([{ live: 0 }]);
  });

  test('is refused after seven days, and rotation starts them anew', async () => {
    const first = await signIn(auth, user.email, PASSWORD);
    aheadMs = 6 * DAY_MS;
    const second = await rotate(first.refresh_token);
    aheadMs = 12 * DAY_MS;
    const third = await rotate(second);
    aheadMs = 19 * DAY_MS + 1_000;
    expect(answerOf(await refresh(third))).toBe('unauthenticated');
  });

  test('takes no access token, no stranger’s token and no text', async () => {
    const { access_token, refresh_token } = await signIn(auth, user.email, PASSWORD);
    const unstored = auth.ring.issue({
      type: 'refresh',
      user: { ...user, isAdmin: false },
      jti: 'j',
      lifetimeSeconds: 60,
    });
    for (const token of [access_token, unstored, `${refresh_token}x`, 'nonsense']) {
      expect(answerOf(await refresh(token))).toBe('unauthenticated');
    }
    expect(answerOf(await refresh(refresh_token))).toBe(200);
  });

  test('ends for a disabled user, and stays so when the user is enabled again', async () => {
    const { refresh_token } = await signIn(auth, user.email, PASSWORD);
    await auth.db.query("UPDATE users SET status = 'disabled' WHERE id = $1", [user.id]);
    expect(answerOf(await refresh(refresh_token))).toBe('unauthenticated');
    await auth.db.query("UPDATE users SET status = 'active' WHERE id = $1", [user.id]);
    expect(answerOf(await refresh(refresh_token))).toBe('unauthenticated');
  });
});

describe('logout', () => {
  const logout = (by: TestUser, refresh_token: string) =>
    auth.daemon.client(asUser(by)).call('logout', { body: { refresh_token } });

  test('ends the session, whichever of its tokens is given, and no other', async () => {
    const first = await signIn(auth, user.email, PASSWORD);
    const other = await signIn(auth, user.email, PASSWORD);
    const second = await rotate(first.refresh_token);
    expect(answerOf(await logout(user, first.refresh_token))).toBe(204);
    expect(answerOf(await refresh(second))).toBe('unauthenticated');
    expect(answerOf(await refresh(other.refresh_token))).toBe(200);
  });

  test('of a session that is over, or was none, is done already', async () => {
    const { refresh_token } = await signIn(auth, user.email, PASSWORD);
    await logout(user, refresh_token);
    expect(answerOf(await logout(user, refresh_token))).toBe(204);
    expect(answerOf(await logout(user, 'nonsense'))).toBe(204);
  });

  test('does not end somebody else’s session', async () => {
    const { refresh_token } = await signIn(auth, user.email, PASSWORD);
    await logout(await aUser(auth.db), refresh_token);
    expect(answerOf(await refresh(refresh_token))).toBe(200);
  });
});
