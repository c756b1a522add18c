import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import { aMembership, aRole, aUser, unique } from '../../../lib/testing/factories.ts';
import { asAdmin, asUser } from '../../../lib/testing/identities.ts';
import { permissionContract, type PermissionContract } from '../contract.ts';
import { createPermissionDaemon } from '../daemon.ts';

let bench: TestBench<PermissionContract>;

beforeAll(async () => {
  bench = await openTestBench({ contract: permissionContract, create: createPermissionDaemon });
});

afterAll(() => bench.stop());

const admin = () => bench.daemon.client(asAdmin());

async function auditOf(roleId: string) {
  const { rows } = await bench.db.query(
    `SELECT action, detail FROM audit_log WHERE target_kind = 'role' AND target_id = $1 ORDER BY id`,
    [roleId],
  );
  return rows;
}

describe('a role', () => {
  test.each(['10', 10])('takes its level as %j and gives it back as a string', async (level) => {
    const name = `role-${unique()}`;
    const made = await admin().call('createRole', { body: { name, level } });
    expect(made).toMatchObject({
      ok: true,
      status: 201,
      body: { name, level: '10', description: null },
    });
  });

  test.each([-1, 1.5, '-1', 'ten', '', '99999999999'])('has no level %j', async (level) => {
    const made = await admin().call('createRole', { body: { name: `r-${unique()}`, level } });
    expect(made).toMatchObject({
      ok: false,
      problem: { status: 422, errors: [{ path: 'body.level' }] },
    });
  });

  test('is changed, with the change on record, and not written when nothing differs', async () => {
    const role = await aRole(bench.db, { level: 20 });
    const params = { role_id: role.id };
    const changed = await admin().call('updateRole', {
      params,
      body: { level: '5', description: 'Leads a team' },
    });
    expect(changed).toMatchObject({ ok: true, body: { level: '5', description: 'Leads a team' } });
    const again = await admin().call('updateRole', { params, body: { level: 5 } });
    expect(again).toEqual({ ...changed, headers: expect.anything() });
    expect(await auditOf(role.id)).toEqual([
      {
        action: 'role.update',
        detail: { level: ['20', '5'], description: [null, 'Leads a team'] },
      },
    ]);
  });

  test('keeps its name to itself', async () => {
    const [one, two] = [await aRole(bench.db), await aRole(bench.db)];
    const taken = { ok: false, problem: { status: 409, code: 'conflict' } };
    const made = await admin().call('createRole', { body: { name: one.name, level: 1 } });
    expect(made).toMatchObject(taken);
    const renamed = await admin().call('updateRole', {
      params: { role_id: two.id },
      body: { name: one.name },
    });
    expect(renamed).toMatchObject(taken);
  });

  test('is deleted with its grants once no member of any client has it', async () => {
    const role = await aRole(bench.db, { grants: ['GET /api/clients/{client_id}/leads'] });
    const member = await aMembership(bench.db, { role });
    const params = { role_id: role.id };
    const inUse = await admin().call('deleteRole', { params });
    expect(inUse).toMatchObject({ ok: false, problem: { status: 409, code: 'conflict' } });
    expect(await auditOf(role.id)).toEqual([]);
    await bench.db.query('DELETE FROM user_clients WHERE id = $1', [member.id]);
    expect(await admin().call('deleteRole', { params })).toMatchObject({ status: 204 });
    expect(await admin().call('getRole', { params })).toMatchObject({ problem: { status: 404 } });
    expect(await auditOf(role.id)).toEqual([
      { action: 'role.delete', detail: { name: role.name } },
    ]);
  });

  test('that does not exist is a 404', async () => {
    for (const role_id of ['00000000-0000-7000-8000-000000000000', 'no-id']) {
      const params = { role_id };
      for (const answer of [
        await admin().call('getRole', { params }),
        await admin().call('updateRole', { params, body: { name: 'x' } }),
        await admin().call('deleteRole', { params }),
        await admin().call('getRolePermissions', { params }),
        await admin().call('setRolePermissions', { params, body: { grants: [] } }),
      ]) {
        expect(answer).toMatchObject({ ok: false, problem: { status: 404, code: 'not_found' } });
      }
    }
  });

  test('is made, changed and filled by admins alone', async () => {
    const role = await aRole(bench.db);
    const api = bench.daemon.client(asUser(await aUser(bench.db)));
    const params = { role_id: role.id };
    for (const attempt of [
      await api.call('createRole', { body: { name: 'Mine', level: 0 } }),
      await api.call('updateRole', { params, body: { level: 0 } }),
      await api.call('deleteRole', { params }),
      await api.call('setRolePermissions', { params, body: { grants: ['* /**'] } }),
      await api.call('addRolePermissions', { params, body: { grants: ['* /**'] } }),
      await api.call('removeRolePermission', { params: { ...params, permission_id: role.id } }),
    ]) {
      expect(attempt).toMatchObject({ ok: false, problem: { status: 403, code: 'forbidden' } });
    }
  });
});

test('the list goes from the most senior down, each role once', async () => {
  for (const level of [300, 100, 200, 100]) await aRole(bench.db, { level });
  const seen: [number, string][] = [];
  let cursor: string | undefined;
  do {
    const page = await admin().call('listRoles', { query: { limit: 2, cursor } });
    if (!page.ok) throw new Error(page.problem.detail);
    seen.push(...page.body.data.map(({ level, name }): [number, string] => [Number(level), name]));
    cursor = page.body.next_cursor ?? undefined;
  } while (cursor !== undefined && seen.length < 100);
  const { rows } = await bench.db.query<{ level: number; name: string }>(
    'SELECT level::int, name FROM roles ORDER BY level::int, name',
  );
  expect(seen).toEqual(rows.map(({ level, name }) => [level, name]));
});
