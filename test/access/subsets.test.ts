import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pool } from 'pg';
import { CONTRACTS } from '../../bin/host/registry.ts';
import { toOpenApi } from '../../lib/contract/openapi.ts';
import { aRole, aUser, type TestRole, type TestUser } from '../../lib/testing/factories.ts';
import { ask } from './ask.ts';
import { makeRoles, makeWorld, type Roles } from './cast.ts';
import { operationsOf } from './document.ts';
import { expectedAt, PASSES } from './expected.ts';
import { startPlatform, type AccessPlatform } from './platform.ts';
import { aSpareMember, bodyFor, keyOf, pathFor, placesOf, type Operation } from './requests.ts';

/** Roles with a part of the grants, and accounts that nobody has proven, at two gateways. */

const GRANTED = operationsOf(toOpenApi(CONTRACTS, 'test'))
  .filter(({ route }) => route.access === 'grant')
  .map((operation) => [keyOf(operation.route), operation] as const);

let platform: AccessPlatform;
let roles: Roles;
let admin: TestUser;

beforeAll(async () => {
  platform = await startPlatform();
  roles = await makeRoles(platform.db);
  admin = await aUser(platform.db, { isAdmin: true });
});
afterAll(() => platform?.stop());

/** In one transaction: no gateway sees the role before it holds what it is to hold. */
async function roleWith(
  pool: Pool,
  { route }: Operation,
  which: 'it alone' | 'all but it',
): Promise<TestRole> {
  const db = await pool.connect();
  try {
    await db.query('BEGIN');
    const role = await aRole(db, { level: 20 });
    await db.query(
      `INSERT INTO role_permissions (role_id, permission_id) SELECT $1, id FROM permissions
       WHERE gone_at IS NULL AND (method = $2 AND path = $3) = $4`,
      [role.id, route.method, route.path, which === 'it alone'],
    );
    await db.query('COMMIT');
    return role;
  } finally {
    db.release();
  }
}

const ROLE = '/api/roles/{role_id}';
const GIVES = '403 forbidden';
/** Routes at which it takes more, or less, than the walk over everybody says. */
const OTHERWISE: Readonly<Record<string, string>> = {
  // Nobody has archived it before.
  'DELETE /api/clients/{client_id}': PASSES,
  // What is in the role one changes, one must have.
  [`PATCH ${ROLE}`]: GIVES,
  [`DELETE ${ROLE}`]: GIVES,
  [`PUT ${ROLE}/permissions`]: GIVES,
  [`POST ${ROLE}/permissions`]: GIVES,
  [`DELETE ${ROLE}/permissions/{permission_id}`]: GIVES,
};

describe.concurrent.each(GRANTED)('%s', (key, operation) => {
  /** What the manager is answered in a world in which everybody's role is this one. */
  const askAt = async (gateway: 0 | 1, role: TestRole): Promise<string> => {
    const { db, gateways } = platform;
    const world = await makeWorld(db, { ...roles, able: role });
    const { userId } = world.manager;
    const spare = placesOf(operation.route).includes('user_client_id')
      ? { user_client_id: await aSpareMember(db, world) }
      : {};
    const question = {
      method: operation.route.method,
      path: await pathFor(db, world, operation.route, spare),
      body: await bodyFor(operation, { db, world, callerId: userId }),
    };
    const token = platform.tokenOf({ id: userId });
    return (await ask(gateways[gateway], { ...question, token })).outcome;
  };

  test('is closed to whoever holds everything but it', async () => {
    const role = await roleWith(platform.db, operation, 'all but it');
    expect([await askAt(0, role), await askAt(1, role)]).toEqual([
      '403 forbidden',
      '403 forbidden',
    ]);
  });

  test('is open to whoever holds it alone, as far as they give no more than that', async () => {
    const role = await roleWith(platform.db, operation, 'it alone');
    const expected = OTHERWISE[key] ?? expectedAt(operation.route).manager;
    expect([await askAt(0, role), await askAt(1, role)]).toEqual([expected, expected]);
  });
});

describe('an account that nobody has proven', () => {
  const MEMBERS = '/api/clients/{client_id}/members';

  test('becomes a member of nothing in silence, and is out of what it was when somebody vouches', async () => {
    const { db, gateways } = platform;
    const world = await makeWorld(db, roles);
    const squatter = await aUser(db, { password: 'attacker-pass-1' });
    const path = MEMBERS.replace('{client_id}', world.client.clientId);
    const body = { email: squatter.email, role: roles.spare.name };
    const squatterToken = platform.tokenOf(squatter);
    const managerToken = platform.tokenOf({ id: world.manager.userId });
    const adminToken = platform.tokenOf({ ...admin, isAdmin: true });
    for (const gateway of gateways) {
      const add = async (token: string, more: object = {}) =>
        (await ask(gateway, { method: 'POST', path, token, body: { ...body, ...more } })).outcome;
      expect(await add(managerToken)).toBe('409 account_unproven');
      expect(await add(managerToken, { accept_unproven: true })).toBe('403 forbidden');
      expect(await add(adminToken)).toBe('409 account_unproven');
    }
    const own = { path: '/api/auth/me', token: squatterToken };
    expect((await ask(gateways[1], own)).outcome).toBe(PASSES);
    const vouched = await ask(gateways[0], {
      method: 'POST',
      path,
      token: adminToken,
      body: { ...body, accept_unproven: true },
    });
    expect(vouched.status).toBe(201);
    for (const gateway of gateways) {
      await expect
        .poll(async () => (await ask(gateway, own)).outcome, { timeout: 1_000, interval: 20 })
        .toBe('401 unauthenticated');
    }
  });
});
