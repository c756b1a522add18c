import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { createTokenRing } from './tokens.ts';

const NEW = { kid: 'k2', secret: 'new-secret-of-at-least-32-characters' };
const OLD = { kid: 'k1', secret: 'old-secret-of-at-least-32-characters' };
const START_MS = Date.UTC(2026, 0, 1);
const clock = () => new Date(START_MS);
const ring = createTokenRing({ secrets: [NEW, OLD], clock });
const user = { id: 'u1', email: 'ada@example.com', isAdmin: false };
const access = { type: 'access', user, jti: 'j1', sid: 's1', lifetimeSeconds: 1_800 } as const;

const payload = () => jwt.decode(ring.issue(access));
const refused = { ok: false, reason: 'invalid' };

describe('a token ring', () => {
  test('issues exactly the promised payload, under the first kid, with HS256', () => {
    const iat = START_MS / 1000;
    expect(jwt.decode(ring.issue(access), { complete: true })).toMatchObject({
      header: { alg: 'HS256', typ: 'JWT', kid: 'k2' },
    });
    expect(payload()).toEqual({
      user_id: 'u1',
      email: 'ada@example.com',
      is_admin: false,
      type: 'access',
      iat,
      exp: iat + 1_800,
      jti: 'j1',
      sid: 's1',
    });
  });

  test('still verifies what an older secret of the ring signed', () => {
    const before = createTokenRing({ secrets: [OLD], clock });
    expect(ring.verify(before.issue(access), 'access')).toMatchObject({ ok: true });
    expect(before.verify(ring.issue(access), 'access')).toEqual(refused);
  });

  test('tells an expired token of ours from one that never was', () => {
    const later = createTokenRing({
      secrets: [NEW],
      clock: () => new Date(START_MS + 1_800_000),
    });
    expect(later.verify(ring.issue(access), 'access')).toEqual({ ok: false, reason: 'expired' });
    const forged = jwt.sign({ ...Object(payload()), exp: 1 }, OLD.secret, { keyid: 'k2' });
    expect(later.verify(forged, 'access')).toEqual(refused);
  });

  test('takes no refresh token for an access token, nor the other way round', () => {
    const refresh = ring.issue({ ...access, type: 'refresh' });
    expect(ring.verify(refresh, 'access')).toEqual(refused);
    expect(ring.verify(refresh, 'refresh')).toMatchObject({ ok: true });
    expect(ring.verify(ring.issue(access), 'refresh')).toEqual(refused);
  });

  const sign = (options: jwt.SignOptions, secret = NEW.secret) =>
    jwt.sign(Object(payload()), secret, { keyid: 'k2', ...options });
  const withoutExpiry = () => {
    const { exp: _exp, ...rest } = Object(payload());
    return jwt.sign(rest, NEW.secret, { keyid: 'k2' });
  };
  const unsigned = (header: object) =>
    `${[header, payload()].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

  test.each([
    ['of another secret', sign({}, OLD.secret)],
    ['of another algorithm', sign({ algorithm: 'HS512' })],
    ['without a kid', jwt.sign(Object(payload()), NEW.secret)],
    ['of an unknown kid', sign({ keyid: 'k3' })],
    ['whose kid is a path', sign({ keyid: '../../dev/null' })],
    ['whose kid is a property of every object', sign({ keyid: '__proto__' })],
    ['with alg none', unsigned({ alg: 'none', kid: 'k2' })],
    ['with alg none, oddly spelt', unsigned({ alg: 'nOnE', kid: 'k2' })],
    ['whose kid is a list', unsigned({ alg: 'HS256', kid: ['k2'] })],
    [
      'with one claim too many',
      jwt.sign({ ...Object(payload()), admin: 1 }, NEW.secret, { keyid: 'k2' }),
    ],
    [
      'with an extension that must be understood',
      sign({ header: { alg: 'HS256', crit: ['b64'] } }),
    ],
    ['without an expiry', withoutExpiry()],
    ['that is none', 'not.a.token'],
    ['that is empty', ''],
  ])('refuses a token %s', (_what, token) => {
    expect(ring.verify(token, 'access')).toEqual(refused);
  });

  test('hands out a secret for a known kid alone', () => {
    expect(ring.secretForKid('k1')).toBe(OLD.secret);
    for (const kid of ['k3', '', undefined, null, 1, ['k1'], 'constructor']) {
      expect(ring.secretForKid(kid)).toBeUndefined();
    }
  });
});
