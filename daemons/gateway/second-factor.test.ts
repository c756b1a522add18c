import { expect, test } from 'vitest';
import { isFailure } from '../../lib/core/errors.ts';
import type { Route } from '../../lib/contract/route.ts';
import { authContract } from '../auth/contract.ts';
import { clientContract } from '../client/contract.ts';
import { hierarchyContract } from '../hierarchy/contract.ts';
import { integrationContract } from '../integration/contract.ts';
import { leadContract } from '../lead/contract.ts';
import { permissionContract } from '../permission/contract.ts';
import { productContract } from '../product/contract.ts';
import { userContract } from '../user/contract.ts';
import { webhookContract } from '../webhook/contract.ts';
import { refuseWithoutTotp } from './second-factor.ts';

const route = (line: string) => {
  const [method, path] = line.split(' ');
  if (method !== 'GET' && method !== 'POST') throw new TypeError(line);
  return { method, path: `/${path?.slice(1)}` } as const;
};
/** Everything that an admin who has yet to set one up may ask for, public routes aside. */
const OPEN = [
  'POST /api/auth/logout',
  'GET /api/auth/sessions',
  'DELETE /api/auth/sessions/{session_id}',
  'GET /api/auth/me',
  'POST /api/auth/password/change',
  'POST /api/auth/totp',
  'POST /api/auth/totp/confirm',
];
const CONTRACTS = [
  authContract,
  clientContract,
  hierarchyContract,
  integrationContract,
  leadContract,
  permissionContract,
  productContract,
  userContract,
  webhookContract,
];

test('of all operations, an admin without one has those of their own account, and no other', () => {
  const admin = { isAdmin: true, hasTotp: false };
  const open = CONTRACTS.flatMap<Route>(({ routes }) => Object.values(routes))
    .filter(({ access }) => !['public', 'api_key', 'service'].includes(access))
    .filter((each) => refuseWithoutTotp(admin, each) === undefined);
  expect(open.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(OPEN.toSorted());
});

test('an admin without an authenticator app can do nothing but set one up, and is told so', () => {
  const admin = { isAdmin: true, hasTotp: false };
  for (const line of ['GET /api/users', 'GET /api/clients/{client_id}/leads']) {
    expect(refuseWithoutTotp(admin, route(line))).toMatchObject({
      code: 'forbidden',
      detail: expect.stringContaining('leadctl totp enable'),
    });
  }
});

test('nobody else is concerned', () => {
  for (const who of [
    { isAdmin: true, hasTotp: true },
    { isAdmin: false, hasTotp: false },
    { isAdmin: true },
  ]) {
    expect(isFailure(refuseWithoutTotp(who, route('GET /api/users')))).toBe(false);
  }
});
