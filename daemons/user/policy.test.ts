import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aClient,
  aMembership,
  aRole,
  aUser,
  unique,
  type TestMembership,
  type TestRole,
} from '../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../lib/testing/identities.ts';
import { openUserBench, type UserBench } from './testing/bench.ts';

const USERS = [
  'PATCH /api/users/{user_id}',
  'POST /api/users/{user_id}/invitation',
  'POST /api/users',
];

let bench: UserBench;
let operator: TestMembership;
let junior: TestRole;

beforeAll(async () => {
  bench = await openUserBench();
  const role = await aRole(bench.db, { level: 20, grants: USERS });
  operator = await aMembership(bench.db, { role });
  junior = await aRole(bench.db, { level: 30, grants: [USERS[0] ?? ''] });
});
afterAll(() => bench.stop());

const api = () => bench.daemon.client(asMember(operator));
const disable = (user_id: string) =>
  api().call('updateUser', { params: { user_id }, body: { status: 'disabled' } });
const takeOver = (user_id: string) => api().call('inviteUser', { params: { user_id } });
const codes = async (userId: string) =>
  [await takeOver(userId), await disable(userId)].map((answer) =>
    answer.ok ? 'done' : answer.problem.code,
  );
const member = async (given: Parameters<typeof aMembership>[1]) =>
  (await aMembership(bench.db, given)).userId;

describe('a member who may change users', () => {
  test('acts on those who have no more than they could give, and on nobody else', async () => {
    const client = { clientId: operator.clientId };
    const senior = await aRole(bench.db, { level: 19 });
    const other = await aRole(bench.db, { level: 30, grants: ['GET /api/audit'] });
    const elsewhere = await aClient(bench.db);
    expect({
      ofNoClient: await codes((await aUser(bench.db)).id),
      junior: await codes(await member({ client, role: junior })),
      moreSenior: await codes(await member({ client, role: senior })),
      holdsMore: await codes(await member({ client, role: other })),
      elsewhere: await codes(await member({ client: elsewhere, role: junior })),
      admin: await codes((await aUser(bench.db, { isAdmin: true })).id),
    }).toEqual({
      ofNoClient: ['done', 'done'],
      junior: ['done', 'done'],
      moreSenior: ['forbidden', 'forbidden'],
      holdsMore: ['forbidden', 'forbidden'],
      elsewhere: ['forbidden', 'forbidden'],
      admin: ['forbidden', 'forbidden'],
    });
  });

  test('counts a role of their own in a suspended client for nothing', async () => {
    const suspended = await aClient(bench.db, { status: 'suspended' });
    await aMembership(bench.db, {
      client: suspended,
      user: { id: operator.userId, email: '' },
      role: await aRole(bench.db, { level: 0, grants: USERS }),
    });
    expect(await codes(await member({ client: suspended, role: junior }))).toEqual([
      'forbidden',
      'forbidden',
    ]);
  });

  test('makes nobody an admin, and vouches for nobody', async () => {
    const { id: user_id } = await aUser(bench.db);
    const params = { user_id };
    for (const body of [{ is_admin: true }, { is_admin: false }, { email_proven: true }]) {
      expect(await api().call('updateUser', { params, body })).toMatchObject({
        problem: { status: 403, code: 'forbidden' },
      });
    }
    const email = `new-${unique()}@example.com`;
    const asAdministrator = await api().call('createUser', { body: { email, is_admin: true } });
    expect(asAdministrator).toMatchObject({ problem: { status: 403 } });
    expect(await api().call('createUser', { body: { email } })).toMatchObject({
      status: 201,
      body: { is_admin: false, email_proven: false },
    });
  });

  test('gets links that are good within the client alone by whose role they act', async () => {
    const user = await aUser(bench.db, { status: 'invited' });
    await takeOver(user.id);
    const links = async () =>
      (
        await bench.db.query('SELECT within_client FROM password_links WHERE user_id = $1', [
          user.id,
        ])
      ).rows;
    expect(await links()).toEqual([{ within_client: operator.clientId }]);
    await bench.daemon.client(asAdmin()).call('inviteUser', { params: { user_id: user.id } });
    expect(await links()).toEqual([{ within_client: null }]);
  });
});
