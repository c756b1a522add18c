import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aUser, type TestUser } from '../../../lib/testing/factories.ts';
import { startTestDaemon } from '../../../lib/testing/daemon.ts';
import { createLimits } from '../../../lib/limits/limits.ts';
import { memoryStore } from '../../../lib/limits/stores/memory.ts';
import { createLogger } from '../../../lib/telemetry/log.ts';
import { authContract } from '../contract.ts';
import { createAuthDaemon } from '../daemon.ts';
import { answerOf } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start.ts';
import { createLoginThrottle, type CreateFailureCounter, type Guesser } from './throttle.ts';

const PASSWORD = 'correct horse battery';

describe('a login', () => {
  let auth: TestAuth;
  let user: TestUser;

  beforeAll(async () => {
    auth = await startTestAuth();
  });

  beforeEach(async () => {
    user = await aUser(auth.db, { password: PASSWORD });
  });

  afterAll(() => auth.stop());

  const login = (email: string, password: string, ip: string) =>
    auth.daemon
      .client()
      .call('login', { body: { email, password }, headers: { 'x-forwarded-for': ip } });
  const guess = (ip: string, email = user.email) => login(email, 'a wrong guess', ip);

  test('is stopped after ten wrong passwords, even with the right one, and told how long', async () => {
    for (let guesses = 0; guesses < 10; guesses += 1) {
      expect(answerOf(await guess('192.0.2.1'))).toBe('invalid_credentials');
    }
    const response = await fetch(`${auth.daemon.url}/login`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': '192.0.2.1',
        ...auth.daemon.vouchFor({ kind: 'anonymous' }),
      },
      body: JSON.stringify({ email: user.email, password: PASSWORD }),
    });
    expect(response.status).toBe(429);
    const retryAfter = Number(response.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(900);
    expect(response.headers.get('ratelimit-policy')).toBe('"login";q=10;w=900');
    expect(response.headers.get('ratelimit')).toBe(`"login";r=0;t=${retryAfter}`);
  });

  test('is stopped at every auth daemon on the same database', async () => {
    for (let guesses = 0; guesses < 10; guesses += 1) await guess('192.0.2.9');
    const other = await startTestDaemon({
      contract: authContract,
      database: { url: auth.databaseUrl },
      create: (deps) => createAuthDaemon(deps, auth.settings),
    });
    try {
      const body = { email: user.email, password: PASSWORD };
      const from = (ip: string) =>
        other.client().call('login', { body, headers: { 'x-forwarded-for': ip } });
      expect(answerOf(await from('192.0.2.9'))).toBe('rate_limited');
      expect(answerOf(await from('192.0.2.10'))).toBe(200);
    } finally {
      await other.stop();
    }
  });

  test('of the owner goes on while a stranger is stopped', async () => {
    for (let guesses = 0; guesses < 11; guesses += 1) await guess('192.0.2.2');
    expect(answerOf(await guess('192.0.2.2'))).toBe('rate_limited');
    expect(answerOf(await login(user.email, PASSWORD, '192.0.2.3'))).toBe(200);
  });

  test('is stopped alike for a user who does not exist', async () => {
    for (let guesses = 0; guesses < 10; guesses += 1) {
      await guess('192.0.2.4', 'unknown@example.com');
    }
    expect(answerOf(await guess('192.0.2.4', 'unknown@example.com'))).toBe('rate_limited');
  });

  test('that succeeds is never counted, and forgets the failures before it', async () => {
    for (let rounds = 0; rounds < 3; rounds += 1) {
      for (let guesses = 0; guesses < 9; guesses += 1) await guess('192.0.2.5');
      expect(answerOf(await login(user.email, PASSWORD, '192.0.2.5'))).toBe(200);
    }
    const results = await Promise.all(
      Array.from({ length: 30 }, () => login(user.email, PASSWORD, '192.0.2.5')),
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  test('guesses sent all at once are hardly more than those sent one by one', async () => {
    const results = await Promise.all(Array.from({ length: 60 }, () => guess('192.0.2.6')));
    const tried = results.filter((result) => answerOf(result) === 'invalid_credentials');
    expect(tried.length).toBeGreaterThanOrEqual(10);
    expect(tried.length).toBeLessThanOrEqual(12);
  });
});

describe('a throttle', () => {
  const log = createLogger({ service: 'auth', version: 'test', level: 'silent' });
  const limits = createLimits({ store: memoryStore(), log });
  let throttles = 0;
  /** Throttles on one store share their counts by name. */
  const countApart = (): CreateFailureCounter => {
    throttles += 1;
    const prefix = `${throttles}`;
    return (name, windowSeconds) => limits.strictCounter(`${prefix} ${name}`, windowSeconds);
  };
  const fresh = () => createLoginThrottle({ createCounter: countApart() });
  afterAll(() => limits.stop());

  const isRefused = async (throttle: ReturnType<typeof fresh>, guesser: Guesser) =>
    (await throttle.refuse(guesser))?.code === 'rate_limited';

  test('stops an address that tries many accounts', async () => {
    const throttle = fresh();
    const ip = '192.0.2.1';
    for (let n = 0; n < 100; n += 1) {
      expect(await isRefused(throttle, { email: `${n}@example.com`, ip })).toBe(false);
      await throttle.failed({ email: `${n}@example.com`, ip });
    }
    expect(await isRefused(throttle, { email: 'another@example.com', ip })).toBe(true);
  });

  test('under attack from everywhere leaves each address two attempts', async () => {
    const throttle = fresh();
    const email = 'victim@example.com';
    for (let n = 0; n < 50; n += 1) await throttle.failed({ email, ip: `198.51.100.${n}` });
    const owner = { email, ip: '192.0.2.1' };
    expect(await isRefused(throttle, owner)).toBe(false);
    await throttle.failed(owner);
    expect(await isRefused(throttle, owner)).toBe(false);
    await throttle.failed(owner);
    expect(await isRefused(throttle, owner)).toBe(true);
    expect(await isRefused(throttle, { ...owner, email: 'other@example.com' })).toBe(false);
  });

  test('takes a /64 of IPv6 for one address, and a mapped IPv4 address for its own', async () => {
    const throttle = fresh();
    const email = 'ada@example.com';
    for (let n = 1; n <= 10; n += 1) await throttle.failed({ email, ip: `2001:db8::${n}` });
    expect(await isRefused(throttle, { email, ip: '2001:db8:0:0:a:b:c:d' })).toBe(true);
    expect(await isRefused(throttle, { email, ip: '2001:db8:0:1::1' })).toBe(false);
    for (let n = 1; n <= 10; n += 1) await throttle.failed({ email, ip: '::ffff:192.0.2.1' });
    expect(await isRefused(throttle, { email, ip: '::ffff:192.0.2.2' })).toBe(false);
  });

  test('forgets when the window is over', async () => {
    const count = countApart();
    const throttle = createLoginThrottle({ createCounter: (name) => count(name, 0.05) });
    const guesser = { email: 'ada@example.com', ip: '192.0.2.1' };
    for (let n = 0; n < 10; n += 1) await throttle.failed(guesser);
    expect(await isRefused(throttle, guesser)).toBe(true);
    await expect.poll(() => isRefused(throttle, guesser)).toBe(false);
  });
});
