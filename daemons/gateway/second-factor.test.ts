import { expect, test } from 'vitest';
import { isFailure } from '../../lib/core/errors.ts';
import { refuseWithoutTotp } from './second-factor.ts';

const route = (line: string) => {
  const [method, path] = line.split(' ');
  if (method !== 'GET' && method !== 'POST') throw new TypeError(line);
  return { method, path: `/${path?.slice(1)}` } as const;
};
const SETTING_UP = ['POST /api/auth/totp', 'POST /api/auth/totp/confirm', 'GET /api/auth/me'];

test('an admin without an authenticator app can do nothing but set one up, and is told so', () => {
  const admin = { isAdmin: true, hasTotp: false };
  for (const line of SETTING_UP) expect(refuseWithoutTotp(admin, route(line))).toBeUndefined();
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
