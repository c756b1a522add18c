import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import { aRole } from '../../../lib/testing/factories.ts';
import { asAdmin, asService, asUser } from '../../../lib/testing/identities.ts';
import { permissionContract, type Declaration, type PermissionContract } from '../contract.ts';
import { createPermissionDaemon } from '../daemon.ts';

let bench: TestBench<PermissionContract>;

const LEADS = '/api/clients/{client_id}/leads';
const routes: Declaration[] = [
  { method: 'GET', path: LEADS, description: 'List leads', reach: 'client' },
  { method: 'POST', path: LEADS, description: 'Enter a lead', reach: 'client' },
  { method: 'GET', path: `${LEADS}/{lead_id}`, description: 'Read a lead', reach: 'client' },
  {
    method: 'GET',
    path: '/api/clients/{client_id}/api-keys',
    description: 'List keys',
    reach: 'client',
  },
];

beforeAll(async () => {
  bench = await openTestBench({ contract: permissionContract, create: createPermissionDaemon });
  await register(routes);
});

afterAll(() => bench.stop());

const admin = () => bench.daemon.client(asAdmin());

function register(permissions: Declaration[]) {
  return bench.daemon
    .client(asService('lead'))
    .call('registerPermissions', { params: { service: 'lead' }, body: { permissions } });
}

async function catalogue() {
  const listed = await admin().call('listPermissions', {});
  if (!listed.ok) throw new Error(listed.problem.detail);
  return listed.body;
}

async function idOf(key: string): Promise<string> {
  const found = (await catalogue()).find(({ method, path }) => `${method} ${path}` === key);
  if (found === undefined) throw new Error(`no permission ${key}`);
  return found.id;
}

async function heldBy(roleId: string): Promise<string[]> {
  const held = await admin().call('getRolePermissions', { params: { role_id: roleId } });
  if (!held.ok) throw new Error(held.problem.detail);
  expect(held.body.permission_ids).toEqual(held.body.permissions.map(({ id }) => id));
  return held.body.permissions.map(({ method, path }) => `${method} ${path}`);
}

async function auditOf(targetId: string): Promise<string[]> {
  const { rows } = await bench.db.query<{ action: string }>(
    'SELECT action FROM audit_log WHERE target_id = $1 ORDER BY id',
    [targetId],
  );
  return rows.map(({ action }) => action);
}

describe('granting', () => {
  test('takes ids and patterns, and a pattern covers what there is now', async () => {
    const role = await aRole(bench.db);
    const params = { role_id: role.id };
    const set = await admin().call('setRolePermissions', {
      params,
      body: { grants: [`* ${LEADS}/**`] },
    });
    expect(set).toMatchObject({ ok: true, status: 200 });
    const leads = [`GET ${LEADS}`, `POST ${LEADS}`, `GET ${LEADS}/{lead_id}`];
    expect(await heldBy(role.id)).toEqual(leads);
    const keys = 'GET /api/clients/{client_id}/api-keys';
    await admin().call('addRolePermissions', {
      params,
      body: { permission_ids: [await idOf(keys)], grants: [`GET ${LEADS}`] },
    });
    expect(await heldBy(role.id)).toEqual([keys, ...leads]);
    await admin().call('setRolePermissions', {
      params,
      body: { permission_ids: [await idOf(keys)] },
    });
    expect(await heldBy(role.id)).toEqual([keys]);
    await admin().call('setRolePermissions', { params, body: { permission_ids: [] } });
    expect(await heldBy(role.id)).toEqual([]);
    expect(await auditOf(role.id)).toEqual([
      'role.grant',
      'role.grant',
      'role.revoke',
      'role.revoke',
    ]);
  });

  test('what is held already writes nothing', async () => {
    const role = await aRole(bench.db, { grants: [`GET ${LEADS}`] });
    const body = { grants: [`GET ${LEADS}`] };
    const params = { role_id: role.id };
    expect(await admin().call('addRolePermissions', { params, body })).toMatchObject({ ok: true });
    expect(await admin().call('setRolePermissions', { params, body })).toMatchObject({ ok: true });
    expect(await auditOf(role.id)).toEqual([]);
  });

  test.each([
    [{ grants: ['GET /api/nothing'] }, 'body.grants.0', 'matches no permission'],
    [{ grants: [`GET ${LEADS}`, `FETCH ${LEADS}`] }, 'body.grants.1', 'is not METHOD /path'],
    [{ permission_ids: ['00000000-0000-7000-8000-000000000000'] }, 'body.permission_ids.0', 'no'],
    [{ permission_ids: ['leads'] }, 'body.permission_ids.0', 'UUID'],
    [{}, 'body', 'needs permission_ids or grants'],
  ])('%j is refused whole, naming what is wrong', async (body, path, message) => {
    const role = await aRole(bench.db);
    const refused = await admin().call('addRolePermissions', {
      params: { role_id: role.id },
      body,
    });
    expect(refused).toMatchObject({
      ok: false,
      problem: {
        status: 422,
        code: 'validation_failed',
        errors: [{ path, message: expect.stringContaining(message) }],
      },
    });
    expect(await heldBy(role.id)).toEqual([]);
  });

  test('a single permission is taken away, and cannot be twice', async () => {
    const role = await aRole(bench.db, { grants: [`GET ${LEADS}`, `POST ${LEADS}`] });
    const params = { role_id: role.id, permission_id: await idOf(`POST ${LEADS}`) };
    const removed = await admin().call('removeRolePermission', { params });
    expect(removed).toMatchObject({ ok: true, status: 204 });
    expect(await heldBy(role.id)).toEqual([`GET ${LEADS}`]);
    const again = await admin().call('removeRolePermission', { params });
    expect(again).toMatchObject({ ok: false, problem: { status: 404 } });
  });
});

describe('registering', () => {
  test('again changes nothing, and announces nothing', async () => {
    const before = await catalogue();
    const { rows: countBefore } = await bench.db.query('SELECT count(*) FROM audit_log');
    const { rows: xminBefore } = await bench.db.query(
      'SELECT xmin::text FROM permissions ORDER BY id',
    );
    const again = await register(routes.toReversed());
    expect(again).toMatchObject({ ok: true, body: { added: 0, updated: 0, gone: 0 } });
    expect(await catalogue()).toEqual(before);
    const { rows: countAfter } = await bench.db.query('SELECT count(*) FROM audit_log');
    const { rows: xminAfter } = await bench.db.query(
      'SELECT xmin::text FROM permissions ORDER BY id',
    );
    expect([countAfter, xminAfter]).toEqual([countBefore, xminBefore]);
  });

  test('a new description changes it in place', async () => {
    const id = await idOf(`GET ${LEADS}`);
    const [first, ...others] = routes;
    if (first === undefined) throw new Error('no routes');
    await register([{ ...first, description: 'List the leads' }, ...others]);
    expect((await catalogue()).find((permission) => permission.id === id)).toMatchObject({
      description: 'List the leads',
    });
    await register(routes);
  });

  test('a route that went takes its grants with it, and brings none back', async () => {
    const role = await aRole(bench.db, { grants: [`GET ${LEADS}`, `POST ${LEADS}`] });
    const id = await idOf(`POST ${LEADS}`);
    const without = routes.filter(({ method }) => method !== 'POST');
    expect(await register(without)).toMatchObject({ body: { added: 0, updated: 0, gone: 1 } });
    expect((await catalogue()).map((permission) => permission.id)).not.toContain(id);
    expect(await heldBy(role.id)).toEqual([`GET ${LEADS}`]);
    const refused = await admin().call('addRolePermissions', {
      params: { role_id: role.id },
      body: { permission_ids: [id] },
    });
    expect(refused).toMatchObject({ ok: false, problem: { status: 422 } });
    expect(await register(routes)).toMatchObject({ body: { added: 0, updated: 1, gone: 0 } });
    expect(await idOf(`POST ${LEADS}`)).toBe(id);
    expect(await heldBy(role.id)).toEqual([`GET ${LEADS}`]);
  });

  test('leaves other services’ routes alone, and no service speaks for another', async () => {
    const before = await catalogue();
    const user = bench.daemon.client(asService('user'));
    const own = [
      { method: 'GET', path: '/api/users', description: 'List users', reach: 'platform' },
    ] as const;
    const done = await user.call('registerPermissions', {
      params: { service: 'user' },
      body: { permissions: [...own] },
    });
    expect(done).toMatchObject({ ok: true, body: { added: 1, updated: 0, gone: 0 } });
    expect(await catalogue()).toEqual(expect.arrayContaining(before));
    const posing = await user.call('registerPermissions', {
      params: { service: 'lead' },
      body: { permissions: [] },
    });
    expect(posing).toMatchObject({ ok: false, problem: { status: 403, code: 'forbidden' } });
    expect(await catalogue()).toEqual(expect.arrayContaining(before));
  });

  test('is closed to people, admins too', async () => {
    for (const identity of [asAdmin(), asUser({ id: '00000000-0000-7000-8000-000000000001' })]) {
      const refused = await bench.daemon.client(identity).call('registerPermissions', {
        params: { service: 'lead' },
        body: { permissions: [] },
      });
      expect(refused).toMatchObject({ ok: false, problem: { status: 401 } });
    }
  });

  test('by several instances at once registers each route once', async () => {
    const fresh = Array.from({ length: 20 }, (_, index) => ({
      method: 'GET' as const,
      path: `/api/fresh/${index}`,
      description: 'Fresh',
      reach: 'platform' as const,
    }));
    const answers = await Promise.all([1, 2, 3, 4].map(() => register([...routes, ...fresh])));
    const added = answers.map((answer) => (answer.ok ? answer.body.added : -1));
    expect(added.sort((one, other) => one - other)).toEqual([0, 0, 0, 20]);
    await register(routes);
  });

  test('never leaves a grant behind when a route goes while it is being granted', async () => {
    const role = await aRole(bench.db);
    const body = { grants: [`* ${LEADS}/**`] };
    const without = routes.filter(({ path }) => !path.startsWith(LEADS));
    for (let round = 0; round < 20; round += 1) {
      await register(routes);
      const params = { role_id: role.id };
      const [granted, left] = await Promise.all([
        admin().call('setRolePermissions', { params, body }),
        register(without),
      ]);
      expect([200, 422]).toContain(granted.ok ? granted.status : granted.problem.status);
      expect(left).toMatchObject({ ok: true, status: 200 });
      await register(routes);
      expect(await heldBy(role.id)).toEqual([]);
    }
  });
});
