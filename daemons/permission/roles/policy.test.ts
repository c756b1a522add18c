import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import {
  aClient,
  aMachineToken,
  aMembership,
  aRole,
  unique,
  type TestMembership,
  type TestRole,
} from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { permissionContract, type PermissionContract } from '../contract.ts';
import { createPermissionDaemon } from '../daemon.ts';

const LEADS = 'GET /api/clients/{client_id}/leads';
const KEYS = 'POST /api/clients/{client_id}/api-keys';
const OWN = ['PUT /api/roles/{role_id}/permissions', 'PATCH /api/roles/{role_id}', LEADS];

let bench: TestBench<PermissionContract>;
let operator: TestMembership;

beforeAll(async () => {
  bench = await openTestBench({ contract: permissionContract, create: createPermissionDaemon });
  // There must be such a permission for it to be refused.
  await aRole(bench.db, { grants: [KEYS] });
  operator = await aMembership(bench.db, {
    role: await aRole(bench.db, { level: 20, grants: OWN }),
  });
});
afterAll(() => bench.stop());

const api = () => bench.daemon.client(asMember(operator));
const outcome = (answer: { ok: boolean; problem?: { status: number; detail: string } }) =>
  answer.ok ? 'done' : `${answer.problem?.status} ${answer.problem?.detail}`;
const changes = async (role: TestRole) => {
  const params = { role_id: role.id };
  const held = await bench.daemon.client(asAdmin()).call('getRolePermissions', { params });
  const permission_id = (held.ok ? held.body.permission_ids[0] : undefined) ?? role.id;
  return [
    outcome(await api().call('addRolePermissions', { params, body: { grants: [LEADS] } })),
    outcome(await api().call('removeRolePermission', { params: { ...params, permission_id } })),
    outcome(await api().call('setRolePermissions', { params, body: { grants: [LEADS] } })),
    outcome(await api().call('updateRole', { params, body: { description: unique() } })),
    outcome(await api().call('deleteRole', { params })),
  ];
};
const allRefused = (why: RegExp) => Array.from({ length: 5 }, () => expect.stringMatching(why));

describe('a member who may change roles', () => {
  test('changes those that they could give', async () => {
    const role = await aRole(bench.db, { level: 20, grants: [LEADS] });
    expect(await changes(role)).toEqual(['done', 'done', 'done', 'done', 'done']);
  });

  test('adds nothing that they do not hold, and is told what that is', async () => {
    const role = await aRole(bench.db, { level: 30 });
    const params = { role_id: role.id };
    for (const call of ['addRolePermissions', 'setRolePermissions'] as const) {
      const body = { grants: [LEADS, KEYS] };
      expect(outcome(await api().call(call, { params, body }))).toMatch(/^403 .*POST .*api-keys/);
    }
    const held = await api().call('getRolePermissions', { params });
    expect(held).toMatchObject({ body: { permission_ids: [] } });
  });

  test('touches none that holds more or is more senior, nor makes one so', async () => {
    expect(await changes(await aRole(bench.db, { level: 30, grants: [KEYS] }))).toEqual(
      allRefused(/^403 .*api-keys/),
    );
    expect(await changes(await aRole(bench.db, { level: 19, grants: [LEADS] }))).toEqual(
      allRefused(/^403 .*more senior/),
    );
    const { id: role_id } = await aRole(bench.db, { level: 30 });
    const raised = await api().call('updateRole', { params: { role_id }, body: { level: '10' } });
    expect(outcome(raised)).toMatch(/^403 .*more senior/);
    const made = (level: string) =>
      api().call('createRole', { body: { name: `role-${unique()}`, level } });
    expect(outcome(await made('19'))).toMatch(/^403/);
    expect(outcome(await made('20'))).toBe('done');
  });

  test('changes none that somebody has where they could not give it, by membership or token', async () => {
    const role = await aRole(bench.db, { level: 30, grants: [LEADS] });
    await aMembership(bench.db, { role });
    expect(await changes(role)).toEqual(allRefused(/^403 .*in which you have no role/));

    const ofToken = await aRole(bench.db, { level: 30, grants: [LEADS] });
    await aMachineToken(bench.db, { client: await aClient(bench.db), role: ofToken });
    expect(await changes(ofToken)).toEqual(allRefused(/^403 .*in which you have no role/));

    // The operator's own role there holds less than the one that it is about.
    const shared = await aRole(bench.db, { level: 30, grants: [LEADS] });
    const elsewhere = await aMembership(bench.db, { role: shared });
    await aMembership(bench.db, {
      client: elsewhere,
      user: { id: operator.userId, email: '' },
      role: await aRole(bench.db, { level: 20 }),
    });
    expect(await changes(shared)).toEqual(allRefused(/^403 .*GET .*leads/));
  });
});
