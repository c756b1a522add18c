import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aMembership,
  aRole,
  aUser,
  unique,
  type TestMembership,
  type TestRole,
} from '../../../lib/testing/factories.ts';
import { asAdmin, asMember, asToken } from '../../../lib/testing/identities.ts';
import { openUserBench, type UserBench } from '../testing/bench.ts';

const MEMBERS = 'POST /api/clients/{client_id}/members';
const LEADS = 'GET /api/clients/{client_id}/leads';
const KEYS = 'POST /api/clients/{client_id}/api-keys';

let bench: UserBench;
let manager: TestMembership;
let rep: TestMembership;
/** Junior to the manager, and able to do what the manager is not. */
let integrator: TestRole;
let reader: TestRole;

beforeAll(async () => {
  bench = await openUserBench();
  const role = await aRole(bench.db, { level: 20, grants: [MEMBERS, LEADS] });
  integrator = await aRole(bench.db, {
    name: `integrator-${unique()}`,
    level: 30,
    grants: [LEADS, KEYS],
  });
  reader = await aRole(bench.db, { level: 30, grants: [LEADS] });
  manager = await aMembership(bench.db, { role });
  rep = await aMembership(bench.db, { reportsTo: manager, role: reader });
});
afterAll(() => bench.stop());

const params = () => ({ client_id: manager.clientId });
const invite = (identity: Parameters<typeof bench.daemon.client>[0], role: TestRole) =>
  bench.daemon.client(identity).call('createMember', {
    params: params(),
    body: { email: `puppet-${unique()}@example.com`, role: role.name },
  });

describe('a role with grants beyond one’s own', () => {
  test('is not given to a newcomer, and the first grant in excess is named', async () => {
    expect(await invite(asMember(manager), integrator)).toMatchObject({
      problem: { status: 403, code: 'forbidden', detail: expect.stringContaining(KEYS) },
    });
    expect(await invite(asMember(manager), reader)).toMatchObject({ status: 201 });
  });

  test('leaves nothing behind where it is refused', async () => {
    const email = `puppet-${unique()}@example.com`;
    const body = { email, role: integrator.name };
    await bench.daemon.client(asMember(manager)).call('createMember', { params: params(), body });
    const { rows } = await bench.db.query('SELECT FROM users WHERE email = $1', [email]);
    expect(rows).toEqual([]);
  });

  test('is not given to a subordinate', async () => {
    const set = (identity: Parameters<typeof bench.daemon.client>[0]) =>
      bench.daemon.client(identity).call('updateMember', {
        params: { ...params(), user_client_id: rep.id },
        body: { role_id: integrator.id },
      });
    expect(await set(asMember(manager))).toMatchObject({
      problem: { status: 403, detail: expect.stringContaining(KEYS) },
    });
    expect(await set(asAdmin())).toMatchObject({ status: 200 });
  });

  test('cannot be had by a link for somebody below who holds more', async () => {
    const user = await aUser(bench.db, { status: 'invited' });
    const able = await aMembership(bench.db, { reportsTo: manager, role: integrator, user });
    const link = await bench.daemon.client(asMember(manager)).call('inviteMember', {
      params: { ...params(), user_client_id: able.id },
    });
    expect(link).toMatchObject({ problem: { status: 403, detail: expect.stringContaining(KEYS) } });
  });

  test('is given by admins, and by a machine token only within its own role', async () => {
    const role = { clientId: manager.clientId, roleId: manager.roleId, roleLevel: 20 };
    expect(await invite(asAdmin(), integrator)).toMatchObject({ status: 201 });
    expect(await invite(asToken(), integrator)).toMatchObject({ status: 201 });
    expect(await invite(asToken({ role }), integrator)).toMatchObject({ problem: { status: 403 } });
    expect(await invite(asToken({ role }), reader)).toMatchObject({
      status: 201,
      body: { reports_to_user_client_id: null },
    });
  });
});
