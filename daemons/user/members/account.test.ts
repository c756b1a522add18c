import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  aClient,
  aMembership,
  aRole,
  aUser,
  unique,
  type TestClient,
  type TestMembership,
  type TestRole,
} from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { auditOf, openUserBench, type UserBench } from '../testing/bench.ts';

let bench: UserBench;
let client: TestClient;
let role: TestRole;
let manager: TestMembership;

beforeAll(async () => {
  bench = await openUserBench();
  role = await aRole(bench.db, { level: 20 });
});
beforeEach(async () => {
  client = await aClient(bench.db);
  manager = await aMembership(bench.db, { client, role });
});
afterAll(() => bench.stop());

const anEmail = () => `ceo-${unique()}@example.com`;
type Who = 'admin' | TestMembership;
const add = (
  who: Who,
  email: string,
  more: { accept_unproven?: boolean; to?: TestClient } = {},
) => {
  const { to = client, ...rest } = more;
  return bench.daemon.client(who === 'admin' ? asAdmin() : asMember(who)).call('createMember', {
    params: { client_id: to.clientId },
    body: { email, role: role.name, ...rest },
  });
};
/** As redeeming an invitation leaves the account. */
const setPassword = (email: string) =>
  bench.db.query("UPDATE users SET password_hash = 'hash', status = 'active' WHERE email = $1", [
    email,
  ]);
const accountOf = async (email: string) => {
  const { rows } = await bench.db.query<{ password_hash: string | null; status: string }>(
    'SELECT id, password_hash, status, email_proven FROM users WHERE email = $1',
    [email],
  );
  return rows[0];
};

describe('an account that anybody may have registered', () => {
  test('becomes a member of nothing in silence, an admin’s doing included', async () => {
    const { email } = await aUser(bench.db, { password: 'attacker-pass-1' });
    for (const who of ['admin', manager] as const) {
      expect(await add(who, email)).toMatchObject({
        problem: { status: 409, code: 'account_unproven' },
      });
    }
    const { rows } = await bench.db.query(
      'SELECT FROM user_clients JOIN users ON users.id = user_id WHERE email = $1',
      [email],
    );
    expect(rows).toEqual([]);
  });

  test('that an admin vouches for loses its password, sessions, app and links, and gets a new link', async () => {
    const user = await aUser(bench.db, { password: 'attacker-pass-1' });
    await bench.db.query('UPDATE users SET has_totp = true WHERE id = $1', [user.id]);
    const added = await add('admin', user.email, { accept_unproven: true });
    expect(added).toMatchObject({
      status: 201,
      body: {
        user_id: user.id,
        user_existed: true,
        invitation: { token: expect.stringMatching(/^[\w-]{43}$/) },
      },
    });
    expect(await accountOf(user.email)).toMatchObject({
      password_hash: null,
      status: 'invited',
      email_proven: true,
    });
    const { rows } = await bench.db.query(
      `SELECT has_totp, (SELECT count(*)::int FROM sessions WHERE user_id = $1 AND ended_at IS NULL) AS live,
         (SELECT count(*)::int FROM password_links WHERE user_id = $1 AND used_at IS NULL) AS links
       FROM users WHERE id = $1`,
      [user.id],
    );
    expect(rows).toEqual([{ has_totp: false, live: 0, links: 1 }]);
    expect(await auditOf(bench.db, user.id)).toMatchObject([
      { action: 'user.accept_unproven', client_id: client.clientId },
    ]);
  });

  test('cannot be vouched for by a member, who is told the same whether it is there or not', async () => {
    const { email } = await aUser(bench.db);
    const answers = [
      await add(manager, email, { accept_unproven: true }),
      await add(manager, anEmail(), { accept_unproven: true }),
    ];
    const [one, other] = answers.map((answer) => (answer.ok ? answer : answer.problem.detail));
    expect(answers).toMatchObject(answers.map(() => ({ problem: { status: 403 } })));
    expect(one).toEqual(other);
  });

  test('that is disabled looks to a member like any that is not proven', async () => {
    const { email } = await aUser(bench.db, { status: 'disabled', emailProven: true });
    expect(await add(manager, email)).toMatchObject({ problem: { code: 'account_unproven' } });
    expect(await add('admin', email, { accept_unproven: true })).toMatchObject({
      problem: { status: 409, code: 'conflict' },
    });
  });
});

describe('an account that one client invited', () => {
  test('is not taken over by another client, before and after its password is set', async () => {
    const email = anEmail();
    expect(await add(manager, email)).toMatchObject({ status: 201 });
    const beta = await aClient(bench.db);
    const bossOfBeta = await aMembership(bench.db, { client: beta, role });
    for (const step of [async () => undefined, () => setPassword(email)]) {
      await step();
      for (const who of ['admin', bossOfBeta] as const) {
        expect(await add(who, email, { to: beta })).toMatchObject({
          problem: { code: 'account_unproven' },
        });
      }
    }
    expect(await add('admin', email, { to: beta, accept_unproven: true })).toMatchObject({
      status: 201,
    });
  });

  test('may come back to that client', async () => {
    const email = anEmail();
    const added = await add(manager, email);
    if (!added.ok) throw new Error(added.problem.detail);
    await setPassword(email);
    const params = { client_id: client.clientId, user_client_id: added.body.id };
    await bench.daemon.client(asMember(manager)).call('removeMember', { params });
    const again = await add(manager, email);
    expect(again).toMatchObject({ status: 201, body: { user_id: added.body.user_id } });
    expect(again).not.toHaveProperty('body.user_existed');
  });

  test('by an admin’s link that nobody else has seen may be added elsewhere by an admin, until it is used', async () => {
    const email = anEmail();
    expect(await add('admin', email)).toMatchObject({ status: 201 });
    const [beta, gamma] = [await aClient(bench.db), await aClient(bench.db)];
    expect(await add('admin', email, { to: beta })).toMatchObject({
      status: 201,
      body: { user_existed: true },
    });
    await setPassword(email);
    expect(await add('admin', email, { to: gamma })).toMatchObject({
      problem: { code: 'account_unproven' },
    });
  });
});

test('a proven account is added by whoever may, and only admins are told that it was there', async () => {
  const { email } = await aUser(bench.db, { emailProven: true });
  const byManager = await add(manager, email);
  expect(byManager).toMatchObject({ status: 201, body: { email } });
  expect(byManager).not.toHaveProperty('body.user_existed');
  const other = await aUser(bench.db, { emailProven: true });
  expect(await add('admin', other.email)).toMatchObject({ body: { user_existed: true } });
  expect(await add(manager, email)).toMatchObject({ problem: { code: 'conflict' } });
});
