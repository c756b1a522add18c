import { describe, expect, test } from 'vitest';
import { clientIdSchema } from '../core/ids.ts';
import { decide, type Attempt, type Principal, type RoleGrants } from './decide.ts';

const acme = clientIdSchema.parse('acme');
const LEADS = '/api/clients/{client_id}/leads';

const rep: RoleGrants = {
  id: 'rep',
  name: 'rep',
  level: 20,
  grants: new Map([
    [`GET ${LEADS}`, 'p1'],
    ['GET /api/roles', 'p2'],
  ]),
};
const roleOf = (id: string) => (id === 'rep' ? rep : undefined);

const member = (
  changes: Partial<Principal> = {},
  clientStatus: 'active' | 'suspended' = 'active',
) =>
  ({
    userId: 'u',
    isAdmin: false,
    status: 'active',
    memberships: [{ id: 'm', clientId: acme, clientStatus, roleId: 'rep' }],
    ...changes,
  }) satisfies Principal;

const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  access: 'grant',
  permission: `GET ${LEADS}`,
  clientId: 'acme',
  ...changes,
});

describe('a decision', () => {
  test('names the role and the permission that allow', () => {
    expect(decide(member(), roleOf, attempt())).toMatchObject({
      allowed: true,
      membership: { id: 'm' },
      role: { name: 'rep' },
      permissionId: 'p1',
    });
  });

  test.each([
    [
      'a permission the role lacks',
      member(),
      attempt({ permission: `POST ${LEADS}` }),
      'forbidden',
    ],
    ['a client one is no member of', member(), attempt({ clientId: 'other' }), 'not_found'],
    [
      'no membership at all',
      member({ memberships: [] }),
      attempt({ clientId: undefined }),
      'forbidden',
    ],
    ['a suspended client', member({}, 'suspended'), attempt(), 'client_suspended'],
    ['a disabled user', member({ status: 'disabled' }), attempt(), 'unauthenticated'],
    [
      'a disabled admin',
      member({ status: 'disabled', isAdmin: true }),
      attempt(),
      'unauthenticated',
    ],
  ])('refuses for %s', (_why, principal, what, code) => {
    expect(decide(principal, roleOf, what)).toMatchObject({ allowed: false, code });
  });

  test('refuses when the role is not known', () => {
    expect(decide(member(), () => undefined, attempt())).toMatchObject({ allowed: false });
  });

  test('lets admins pass, in suspended and foreign clients too', () => {
    const admin = member({ isAdmin: true }, 'suspended');
    for (const what of [
      attempt(),
      attempt({ clientId: 'other' }),
      attempt({ permission: 'GET /api/users' }),
    ]) {
      expect(decide(admin, roleOf, what)).toMatchObject({ allowed: true });
    }
  });

  test('on a route without a client rests on any active membership', () => {
    const what = attempt({ permission: 'GET /api/roles', clientId: undefined });
    expect(decide(member(), roleOf, what)).toMatchObject({ allowed: true, permissionId: 'p2' });
    expect(decide(member({}, 'suspended'), roleOf, what)).toMatchObject({ allowed: false });
  });
});
