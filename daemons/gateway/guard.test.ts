import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBench, SECRETS, type GatewayBench } from './testing/bench.ts';
import { people, type Person } from './testing/people.ts';
import { codeOf, seenIn, send } from './testing/send.ts';

const [NEW = { kid: '', secret: '' }, OLD = { kid: '', secret: '' }] = SECRETS;
let bench: GatewayBench;

beforeAll(async () => {
  bench = await openBench({ kind: 'direct' });
});
afterAll(() => bench.stop());

const me = (headers: Record<string, string>) => send(bench.port, '/api/auth/me', { headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const nowSeconds = () => Math.floor(Date.now() / 1000);
const claims = (changes: object = {}) => ({
  user_id: people.admin.userId,
  email: 'admin@example.com',
  is_admin: true,
  type: 'access',
  iat: nowSeconds(),
  exp: nowSeconds() + 60,
  jti: 'j1',
  sid: people.admin.userId,
  ...changes,
});
const signed = (changes: object, options: jwt.SignOptions = {}, secret = NEW.secret) =>
  // Through JSON, in which a claim that is undefined is not there.
  jwt.sign(JSON.parse(JSON.stringify(claims(changes))), secret, { keyid: NEW.kid, ...options });
const unsigned = (header: object) =>
  `${[header, claims()].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

describe('a token', () => {
  test.each([NEW, OLD])('of any secret of the ring is believed ($kid)', async ({ kid, secret }) => {
    const answer = await me(bearer(signed({}, { keyid: kid }, secret)));
    expect(answer.status).toBe(200);
    expect(seenIn(answer).user_id).toBe(people.admin.userId);
  });

  test.each([
    ['none at all', undefined],
    ['not a token', 'Bearer nonsense'],
    ['of another scheme', `Basic ${Buffer.from('a:b').toString('base64')}`],
    ['two tokens', `Bearer ${signed({})} ${signed({})}`],
    ['with alg none', `Bearer ${unsigned({ alg: 'none', kid: NEW.kid })}`],
    ['with alg none, oddly spelt', `Bearer ${unsigned({ alg: 'NoNe', kid: NEW.kid })}`],
    ['of another secret', `Bearer ${signed({}, {}, 'some-other-secret-of-enough-length')}`],
    ['of the secret of another kid', `Bearer ${signed({}, {}, OLD.secret)}`],
    ['of another algorithm', `Bearer ${signed({}, { algorithm: 'HS512' })}`],
    ['without a kid', `Bearer ${jwt.sign(claims(), NEW.secret)}`],
    ['of an unknown kid', `Bearer ${signed({}, { keyid: 'k9' })}`],
    ['whose kid is a path', `Bearer ${signed({}, { keyid: '../../../dev/null' }, 'x')}`],
    ['whose kid is every object’s', `Bearer ${signed({}, { keyid: 'constructor' }, 'x')}`],
    ['whose kid is a list', `Bearer ${unsigned({ alg: 'HS256', kid: [NEW.kid] })}`],
    [
      'with an extension that must be understood',
      `Bearer ${signed({}, { header: { alg: 'HS256', kid: NEW.kid, crit: ['b64'] } })}`,
    ],
    ['that is a refresh token', `Bearer ${signed({ type: 'refresh' })}`],
    ['of no session', `Bearer ${signed({ sid: undefined })}`],
    ['of somebody else’s session', `Bearer ${signed({ sid: people.member.userId })}`],
    ['without a type', `Bearer ${signed({ type: undefined })}`],
    ['without an expiry', `Bearer ${signed({ exp: undefined })}`],
    ['not valid yet', `Bearer ${signed({ nbf: nowSeconds() + 3_600 })}`],
    [
      'of a user who is not',
      `Bearer ${signed({ user_id: '019a0000-0000-7000-8000-0000000000ff' })}`,
    ],
    ['of a user id that is none', `Bearer ${signed({ user_id: "' OR 1=1 --" })}`],
    ['expired, of another secret', `Bearer ${signed({ exp: 1 }, {}, OLD.secret)}`],
  ])('%s is refused', async (_what, authorization) => {
    const answer = await me(authorization === undefined ? {} : { authorization });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthenticated']);
  });

  test('that is none is written down, and an expired or a missing one is not', async () => {
    const before = bench.refused.length;
    await me({});
    await me(bearer(signed({ exp: nowSeconds() - 1 })));
    expect(bench.refused.length).toBe(before);
    await me(bearer('no.such.token'));
    expect(bench.refused.slice(before)).toMatchObject([
      { action: 'token.rejected', clientId: null, targetId: 'GET /api/auth/me', ip: '127.0.0.1' },
    ]);
    expect(JSON.stringify(bench.refused)).not.toContain('no.such.token');
  });

  test('of ours that has expired is told so, for the client to refresh it', async () => {
    const answer = await me(bearer(signed({ exp: nowSeconds() - 1 })));
    expect([answer.status, codeOf(answer)]).toEqual([401, 'token_expired']);
  });

  test('is not taken from a cookie or the query', async () => {
    const token = signed({});
    const answers = await Promise.all([
      me({ cookie: `token=${token}; authorization=Bearer ${token}` }),
      send(bench.port, `/api/auth/me?access_token=${token}&token=${token}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  });

  test('makes nobody an admin: what counts is what the user is now', async () => {
    const answer = await send(bench.port, '/api/settings', {
      headers: bearer(
        signed({ user_id: people.member.userId, sid: people.member.userId, is_admin: true }),
      ),
    });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden']);
  });
});

describe('by default', () => {
  const as = async (person: Person, method: string, path: string) => {
    const answer = await send(bench.port, path, { method, headers: bench.as(person) });
    return [answer.status, answer.status === 200 ? seenIn(answer).route : codeOf(answer)];
  };

  test.each<[Person, string, string, number, string]>([
    ['member', 'GET', '/api/clients/acme/things', 200, 'list'],
    ['member', 'GET', '/api/clients/other/things', 404, 'not_found'],
    ['foreigner', 'GET', '/api/clients/acme/things', 404, 'not_found'],
    ['nobody', 'GET', '/api/clients/acme/things', 404, 'not_found'],
    ['disabled', 'GET', '/api/clients/acme/things', 401, 'unauthenticated'],
    ['member', 'DELETE', '/api/clients/acme/things', 403, 'forbidden'],
    ['member', 'GET', '/api/clients/acme/things/live', 403, 'forbidden'],
    ['admin', 'DELETE', '/api/clients/acme/things', 200, 'forbidden'],
    ['admin', 'GET', '/api/settings', 200, 'admin'],
    ['member', 'GET', '/api/settings', 403, 'forbidden'],
    ['admin', 'PUT', '/api/internal/lead', 404, 'not_found'],
  ])('%s: %s %s is %i %s', async (person, method, path, status, what) => {
    expect(await as(person, method, path)).toEqual([status, what]);
  });
});
