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
    const { sid } = auth.claimsOf(first.access_token);
    const { rows } = await auth.db.query(
      'SELECT ended_at IS NOT NULL AS ended FROM sessions WHERE id = $1',
      [sid],
    );
    expect(rows).toEqual([{ ended: true }]);
    expect(await auth.auditOf(sid)).toMatchObject([{ action: 'session.reuse', actor_id: user.id }]);
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
      `SELECT count(*)::int AS live FROM sessions
       WHERE user_id = $1 AND id <> user_id AND ended_at IS NULL`,
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
      sid: 's',
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

describe('the list of sessions', () => {
  const asIn = (access_token: string, by = user) =>
    auth.daemon.client({ ...asUser(by), sessionId: auth.claimsOf(access_token).sid });

  test('shows one’s own that are live, where each came from, and which one asks', async () => {
    const stranger = await aUser(auth.db, { password: PASSWORD });
    await signIn(auth, stranger.email, PASSWORD);
    const ended = await signIn(auth, user.email, PASSWORD);
    await auth.daemon
      .client(asUser(user))
      .call('logout', { body: { refresh_token: ended.refresh_token } });
    const other = await signIn(auth, user.email, PASSWORD, { 'user-agent': 'A browser/1.0' });
    const own = await signIn(auth, user.email, PASSWORD);
    await rotate(own.refresh_token);
    const listed = await asIn(own.access_token).call('listSessions', { query: { limit: 2 } });
    if (!listed.ok) throw new Error(listed.problem.detail);
    expect(listed.body.data).toMatchObject([
      { id: auth.claimsOf(own.access_token).sid, current: true, ip: '127.0.0.1' },
      { id: auth.claimsOf(other.access_token).sid, current: false, user_agent: 'A browser/1.0' },
    ]);
    const [first] = listed.body.data;
    expect(Date.parse(first?.last_used_at ?? '')).toBeGreaterThan(
      Date.parse(first?.created_at ?? ''),
    );
  });

  test('goes on where the last page ended', async () => {
    const sids = [];
    for (let n = 0; n < 3; n += 1) {
      sids.unshift(auth.claimsOf((await signIn(auth, user.email, PASSWORD)).access_token).sid);
    }
    const shown = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const query = { limit: 1, ...(cursor === undefined ? {} : { cursor }) };
      const page = await auth.daemon.client(asUser(user)).call('listSessions', { query });
      if (!page.ok) throw new Error(page.problem.detail);
      shown.push(...page.body.data.map(({ id }) => id));
      cursor = page.body.next_cursor;
    }
    expect(shown.filter((id) => id !== user.id)).toEqual(sids);
  });

  test('is what one ends another session from, and nobody else’s', async () => {
    const [kept, lost] = [
      await signIn(auth, user.email, PASSWORD),
      await signIn(auth, user.email, PASSWORD),
    ];
    const session_id = auth.claimsOf(lost.access_token).sid;
    const params = { session_id };
    const stranger = auth.daemon.client(asUser(await aUser(auth.db)));
    expect(answerOf(await stranger.call('endSession', { params }))).toBe('not_found');
    const client = asIn(kept.access_token);
    expect(answerOf(await client.call('endSession', { params }))).toBe(204);
    expect(answerOf(await client.call('endSession', { params }))).toBe('not_found');
    expect(answerOf(await refresh(lost.refresh_token))).toBe('unauthenticated');
    expect(answerOf(await refresh(kept.refresh_token))).toBe(200);
    expect(await auth.auditOf(session_id)).toMatchObject([
      { action: 'session.close', actor_id: user.id },
    ]);
  });
});
