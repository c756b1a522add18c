import bcrypt from 'bcrypt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aUser } from '../../lib/testing/factories.ts';
import { startTestDaemon } from '../../lib/testing/daemon.ts';
import { authContract } from './contract.ts';
import { createAuthDaemon } from './daemon.ts';
import { answerOf } from './testing/sign-in.ts';
import { startTestAuth, type TestAuth } from './testing/start.ts';

const PASSWORD = 'correct horse battery';

let auth: TestAuth;
/** New passwords are not hashed while this is set. */
let held: Promise<void> | undefined;

beforeAll(async () => {
  auth = await startTestAuth({
    settings: { REGISTRATIONS_PER_HOUR: '5' },
    parts: {
      bcrypt: {
        async hash(password, rounds) {
          await held;
          return bcrypt.hash(password, rounds);
        },
        compare: (password, hash) => bcrypt.compare(password, hash),
      },
    },
  });
});
afterAll(() => auth.stop());

const register = (email: string, ip: string, password = PASSWORD) =>
  auth.daemon
    .client()
    .call('register', { body: { email, password }, headers: { 'x-forwarded-for': ip } });

test('an address registers five users an hour, and is told when to come back', async () => {
  const answers = [];
  for (let n = 0; n < 6; n += 1) {
    answers.push(answerOf(await register(`five-${n}@example.com`, '192.0.2.1')));
  }
  expect(answers).toEqual([201, 201, 201, 201, 201, 'rate_limited']);
  const refused = await register('six@example.com', '192.0.2.1');
  expect(refused).toMatchObject({
    problem: { detail: expect.stringMatching(/registrations.*again in 3\d{3} s/) },
  });
  expect(answerOf(await register('other@example.com', '192.0.2.2'))).toBe(201);
});

test('two auth daemons on one store share what an address may register and forget', async () => {
  const other = await startTestDaemon({
    contract: authContract,
    database: { url: auth.databaseUrl },
    create: (deps) => createAuthDaemon(deps, { ...auth.settings, REGISTRATIONS_PER_HOUR: 5 }),
  });
  const headers = { 'x-forwarded-for': '192.0.2.77' };
  const answers: unknown[] = [];
  const forgotten: unknown[] = [];
  try {
    for (let n = 0; n < 12; n += 1) {
      const client = (n % 2 === 0 ? auth.daemon : other).client();
      const email = `shared-${n}@example.com`;
      answers.push(
        answerOf(await client.call('register', { body: { email, password: PASSWORD }, headers })),
      );
      forgotten.push(answerOf(await client.call('forgotPassword', { body: { email }, headers })));
    }
  } finally {
    await other.stop();
  }
  expect(answers.filter((answer) => answer === 201)).toHaveLength(5);
  expect(answers.filter((answer) => answer === 'rate_limited')).toHaveLength(7);
  expect(forgotten.filter((answer) => answer === 202)).toHaveLength(10);
});

test('sixty registrations at once keep nobody from logging in', async () => {
  const user = await aUser(auth.db, { password: PASSWORD });
  const gate = Promise.withResolvers<void>();
  held = gate.promise;
  const crowd = Array.from({ length: 60 }, (_, n) =>
    register(`crowd-${n}@example.com`, `198.51.100.${n}`),
  );
  const body = { email: user.email, password: PASSWORD };
  expect(answerOf(await auth.daemon.client().call('login', { body }))).toBe(200);
  // While none can end well, the first that ends is one for whom there was no place.
  expect(answerOf(await Promise.race(crowd))).toBe('upstream_unavailable');
  gate.resolve();
  held = undefined;
  const answers = (await Promise.all(crowd)).map(answerOf);
  expect(new Set(answers)).toEqual(new Set([201, 'upstream_unavailable']));
});

describe('a password that is easy to guess', () => {
  test.each([
    '1234567890',
    'aaaaaaaaaa',
    ' '.repeat(12),
    'password12',
    'weak.password@example.com',
  ])('%j is refused, saying what to do', async (password) => {
    const result = await register('weak.password@example.com', '203.0.113.1', password);
    expect(result).toMatchObject({
      problem: {
        code: 'validation_failed',
        errors: [{ path: 'body.password', message: expect.stringContaining('easy to guess') }],
      },
    });
  });
});
