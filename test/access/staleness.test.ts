import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aMachineToken, aPasswordLink, aUser, type TestUser } from '../../lib/testing/factories.ts';
import { anApiKey } from '../../lib/testing/lead-factories.ts';
import { makeRoles, makeWorld, type World } from './cast.ts';
import { startPlatform, type AccessPlatform } from './platform.ts';
import { ask, type Ask } from './ask.ts';

const WITHIN_MS = 1_000;
const LEADS = 'GET /api/clients/{client_id}/leads';

let platform: AccessPlatform;
let admin: TestUser;
let world: World;

beforeAll(async () => {
  // A lead daemon beside each gateway: a revoked key must be dead at both.
  platform = await startPlatform(['lead']);
  admin = await aUser(platform.db, { isAdmin: true });
});
afterAll(() => platform?.stop());

const asAdmin = async (method: string, path: string, body?: object): Promise<string> => {
  const token = platform.tokenOf({ ...admin, isAdmin: true });
  const { outcome } = await ask(platform.gateways[0], { method, path, token, body });
  return outcome;
};

/** How long after the change was sent each gateway gave the new answer, in ms. */
async function measure(
  question: Ask,
  answers: { before: string; after: string },
  change: () => Promise<string>,
): Promise<number[]> {
  const outcomeAt = async (gateway: string) => (await ask(gateway, question)).outcome;
  // More than once, so that the copies are warm and have something to be stale with.
  for (const gateway of [...platform.gateways, ...platform.gateways]) {
    expect(await outcomeAt(gateway)).toBe(answers.before);
  }
  const startedAt = performance.now();
  const asking = platform.gateways.map(async (gateway) => {
    while ((await outcomeAt(gateway)) !== answers.after) {
      if (performance.now() - startedAt > 5 * WITHIN_MS) break;
      await sleep(2);
    }
    return Math.round(performance.now() - startedAt);
  });
  expect(await change()).toBe('passes');
  const tookMs = await Promise.all(asking);
  // And it stays so.
  for (const gateway of platform.gateways) expect(await outcomeAt(gateway)).toBe(answers.after);
  return tookMs;
}

describe('is effective at both gateways within a second:', () => {
  beforeAll(async () => {
    world = await makeWorld(platform.db, await makeRoles(platform.db));
  });

  const leadsOf = (person: 'manager' | 'bare'): Ask => ({
    path: `/api/clients/${world.client.clientId}/leads`,
    token: platform.tokenOf({ id: world[person].userId }),
  });
  const ingestWith = (apiKey: string): Ask => ({
    method: 'POST',
    path: '/api/leads/ingest',
    apiKey,
    body: { name: 'Ada' },
  });
  /** Prints what was measured; its worst. */
  const slowest = (what: string, tookMs: readonly number[]): number => {
    process.stdout.write(`${what}: ${tookMs.map((ms) => `${ms} ms`).join(', ')}\n`);
    return Math.max(...tookMs);
  };

  test('a grant', async () => {
    const tookMs = await measure(
      leadsOf('bare'),
      { before: '403 forbidden', after: 'passes' },
      () => asAdmin('POST', `/api/roles/${world.roles.bare.id}/permissions`, { grants: [LEADS] }),
    );
    expect(slowest('a grant', tookMs)).toBeLessThan(WITHIN_MS);
  });

  test('a revoke', async () => {
    const tookMs = await measure(
      leadsOf('bare'),
      { before: 'passes', after: '403 forbidden' },
      () => asAdmin('PUT', `/api/roles/${world.roles.bare.id}/permissions`, { grants: [] }),
    );
    expect(slowest('a revoke', tookMs)).toBeLessThan(WITHIN_MS);
  });

  test('another role of a member', async () => {
    const members = `/api/clients/${world.client.clientId}/members`;
    const tookMs = await measure(
      leadsOf('bare'),
      { before: '403 forbidden', after: 'passes' },
      () => asAdmin('PATCH', `${members}/${world.bare.id}`, { role_id: world.roles.able.id }),
    );
    expect(slowest('another role', tookMs)).toBeLessThan(WITHIN_MS);
  });

  test('a member removed', async () => {
    const members = `/api/clients/${world.client.clientId}/members`;
    const tookMs = await measure(
      leadsOf('bare'),
      { before: 'passes', after: '404 not_found' },
      () => asAdmin('DELETE', `${members}/${world.bare.id}`),
    );
    expect(slowest('a member removed', tookMs)).toBeLessThan(WITHIN_MS);
  });

  test('a key revoked', async () => {
    const { id, key } = await anApiKey(platform.db, { client: world.client });
    const tookMs = await measure(
      ingestWith(key),
      { before: 'passes', after: '401 invalid_api_key' },
      () => asAdmin('DELETE', `/api/clients/${world.client.clientId}/api-keys/${id}`),
    );
    expect(slowest('a revoked key', tookMs)).toBeLessThan(WITHIN_MS);
  });

  test('a machine token revoked', async () => {
    const { id, token } = await aMachineToken(platform.db, {
      client: world.client,
      role: world.roles.able,
    });
    const tookMs = await measure(
      { path: `/api/clients/${world.client.clientId}/leads`, token },
      { before: 'passes', after: '401 unauthenticated' },
      () => asAdmin('DELETE', `/api/tokens/${id}`),
    );
    expect(slowest('a revoked machine token', tookMs)).toBeLessThan(WITHIN_MS);
  });

  test('a client suspended, for its members and its keys, and active again', async () => {
    const { key } = await anApiKey(platform.db, { client: world.client });
    const path = `/api/clients/${world.client.clientId}`;
    const forMembers = leadsOf('manager');
    const forKeys = ingestWith(key);
    const { token } = await aMachineToken(platform.db, {
      client: world.client,
      role: world.roles.able,
    });
    const forTokens = { path: `${path}/leads`, token };
    const stops = { before: 'passes', after: '403 client_suspended' };
    const goesOn = { before: stops.after, after: stops.before };
    const set = (status: string) => () => asAdmin('PATCH', path, { status });
    const worst = [
      slowest('a suspended client, members', await measure(forMembers, stops, set('suspended'))),
      slowest('an active client, keys', await measure(forKeys, goesOn, set('active'))),
      slowest('a suspended client, keys', await measure(forKeys, stops, set('suspended'))),
      slowest('an active client, members', await measure(forMembers, goesOn, set('active'))),
      slowest('a suspended client, tokens', await measure(forTokens, stops, set('suspended'))),
      slowest('an active client, tokens', await measure(forTokens, goesOn, set('active'))),
    ];
    expect(Math.max(...worst)).toBeLessThan(WITHIN_MS);
  });

  test('a user disabled', async () => {
    const tookMs = await measure(
      leadsOf('manager'),
      { before: 'passes', after: '401 unauthenticated' },
      () => asAdmin('PATCH', `/api/users/${world.manager.userId}`, { status: 'disabled' }),
    );
    expect(slowest('a disabled user', tookMs)).toBeLessThan(WITHIN_MS);
  });
});

describe('the access token of a session is dead at both gateways within a second of', () => {
  const PASSWORD = 'a plum tree in winter light';
  let user: TestUser;
  beforeAll(async () => {
    // The first password that is judged waits for its dictionaries; no change here is to wait for them.
    const body = { email: 'somebody@example.com', password: '1234567890' };
    await post('register', body);
  });
  beforeEach(async () => {
    user = await aUser(platform.db, { password: PASSWORD });
  });

  interface SignedIn {
    readonly access_token: string;
    readonly refresh_token: string;
  }
  const post = async (path: string, body: object, token?: string) =>
    ask(platform.gateways[0], { method: 'POST', path: `/api/auth/${path}`, body, token });
  const signIn = async (): Promise<SignedIn> =>
    JSON.parse((await post('login', { email: user.email, password: PASSWORD })).text);
  const me = ({ access_token: token }: SignedIn): Ask => ({ path: '/api/auth/me', token });
  const DIES = { before: 'passes', after: '401 unauthenticated' };

  /** How long the slower gateway took, in ms; a session beside it has to go on. */
  const untilEnded = async (
    what: string,
    change: (own: SignedIn) => Promise<string>,
  ): Promise<number> => {
    const [own, other] = [await signIn(), await signIn()];
    const tookMs = await measure(me(own), DIES, () => change(own));
    process.stdout.write(`${what}: ${tookMs.map((ms) => `${ms} ms`).join(', ')}\n`);
    for (const gateway of platform.gateways) {
      expect((await ask(gateway, me(other))).outcome).toBe('passes');
    }
    return Math.max(...tookMs);
  };
  const outcomeOf = async (sent: Promise<{ outcome: string }>) => (await sent).outcome;

  test('its logout', async () => {
    const tookMs = await untilEnded('a logout', ({ access_token, refresh_token }) =>
      outcomeOf(post('logout', { refresh_token }, access_token)),
    );
    expect(tookMs).toBeLessThan(WITHIN_MS);
  });

  test('its end from the list of sessions', async () => {
    const tookMs = await untilEnded('a session ended from the list', async (own) => {
      const token = own.access_token;
      const listed = await ask(platform.gateways[1], { path: '/api/auth/sessions', token });
      const { data }: { data: { id: string; current: boolean }[] } = JSON.parse(listed.text);
      const id = data.find(({ current }) => current)?.id ?? '';
      const path = `/api/auth/sessions/${id}`;
      return outcomeOf(ask(platform.gateways[1], { method: 'DELETE', path, token }));
    });
    expect(tookMs).toBeLessThan(WITHIN_MS);
  });

  test('the second use of one of its refresh tokens', async () => {
    const tookMs = await untilEnded('a reused refresh token', async ({ refresh_token }) => {
      expect((await post('refresh', { refresh_token })).outcome).toBe('passes');
      const { outcome } = await post('refresh', { refresh_token });
      return outcome === '401 unauthenticated' ? 'passes' : outcome;
    });
    expect(tookMs).toBeLessThan(WITHIN_MS);
  });

  test('a change of the password from another session, which goes on', async () => {
    const [own, thief] = [await signIn(), await signIn()];
    const body = {
      current_password: PASSWORD,
      new_password: `${PASSWORD}, again`,
      refresh_token: own.refresh_token,
    };
    const tookMs = await measure(me(thief), DIES, () =>
      outcomeOf(post('password/change', body, own.access_token)),
    );
    expect(Math.max(...tookMs)).toBeLessThan(WITHIN_MS);
    for (const gateway of platform.gateways) {
      expect((await ask(gateway, me(own))).outcome).toBe('passes');
    }
  });

  test('a password set by a link', async () => {
    const thief = await signIn();
    const token = await aPasswordLink(platform.db, user);
    const tookMs = await measure(me(thief), DIES, () =>
      outcomeOf(post('password/set', { token, password: PASSWORD })),
    );
    expect(Math.max(...tookMs)).toBeLessThan(WITHIN_MS);
  });

  test('the disabling of its user, also when that is undone, and at a gateway that starts later', async () => {
    const own = await signIn();
    const set = (status: string) => () => asAdmin('PATCH', `/api/users/${user.id}`, { status });
    await measure(me(own), DIES, set('disabled'));
    const later = await signInAfter(set('active'));
    const gateway = await platform.startGateway();
    for (const base of [...platform.gateways, gateway.url]) {
      expect((await ask(base, me(own))).outcome).toBe('401 unauthenticated');
      expect((await ask(base, me(later))).outcome).toBe('passes');
    }
    await gateway.stop();
  });

  async function signInAfter(change: () => Promise<string>): Promise<SignedIn> {
    expect(await change()).toBe('passes');
    return signIn();
  }
});
