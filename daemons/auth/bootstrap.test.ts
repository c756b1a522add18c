import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/core/clock.ts';
import { createDatabase, type Database } from '../../lib/db/database.ts';
import { aUser } from '../../lib/testing/factories.ts';
import { bootstrapAdmin, type AdminInput } from './bootstrap.ts';
import { answerOf } from './testing/sign-in.ts';
import { startTestAuth, type TestAuth } from './testing/start.ts';

const PASSWORD = 'correct horse battery';

let auth: TestAuth;
let database: Database;

beforeAll(async () => {
  auth = await startTestAuth();
  database = createDatabase({
    url: auth.databaseUrl,
    role: 'leadctl_auth',
    applicationName: 'test',
    poolMax: 4,
  });
});

afterAll(async () => {
  await database.stop();
  await auth.stop();
});

const bootstrap = (input: AdminInput) =>
  bootstrapAdmin({ database, clock: systemClock, rounds: 4 }, input);
const login = (email: string, password: string) =>
  auth.daemon.client().call('login', { body: { email, password } });

describe('the first admin', () => {
  test('is made once, can log in, and is left alone from then on', async () => {
    const email = 'Root@Example.com';
    const first = await bootstrap({ email, password: PASSWORD });
    expect(first).toMatchObject({ kind: 'created', email: 'root@example.com' });
    const again = await bootstrap({ email, password: 'not the password' });
    expect(again).toMatchObject({ kind: 'unchanged', isPasswordSet: false });
    expect(answerOf(await login(email, PASSWORD))).toBe(200);
    const audited = await auth.auditOf('id' in first ? first.id : '');
    expect(audited.map(({ action }) => action)).toEqual(['admin.create', 'session.open']);
  });

  test('is made once by several at the same time', async () => {
    const email = 'several@example.com';
    const made = await Promise.all([1, 2, 3].map(() => bootstrap({ email, password: PASSWORD })));
    const kinds = made.map((admin) => ('kind' in admin ? admin.kind : admin.code));
    expect(kinds.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'created',
      'unchanged',
      'unchanged',
    ]);
  });

  test('may be a user who is there already, whose password stays unless asked', async () => {
    const user = await aUser(auth.db, { password: PASSWORD });
    const given = { email: user.email, password: 'another password' };
    expect(await bootstrap(given)).toMatchObject({ kind: 'promoted', isPasswordSet: false });
    expect(answerOf(await login(user.email, PASSWORD))).toBe(200);
    expect(await bootstrap({ ...given, resetPassword: true })).toMatchObject({
      kind: 'unchanged',
      isPasswordSet: true,
    });
    expect(answerOf(await login(user.email, 'another password'))).toBe(200);
  });

  test('may be an invited user, who gets the password', async () => {
    const user = await aUser(auth.db, { status: 'invited' });
    expect(await bootstrap({ email: user.email, password: PASSWORD })).toMatchObject({
      kind: 'promoted',
      isPasswordSet: true,
    });
    expect(answerOf(await login(user.email, PASSWORD))).toBe(200);
  });

  test('is not a user whom an admin has disabled', async () => {
    const user = await aUser(auth.db, { status: 'disabled', password: PASSWORD });
    expect(await bootstrap({ email: user.email, password: PASSWORD })).toMatchObject({
      code: 'conflict',
    });
  });

  test.each([
    ['an e-mail that is none', { email: 'root', password: PASSWORD }],
    ['no password', { email: 'new@example.com' }],
    ['a password that is easy to guess', { email: 'new@example.com', password: '1234567890' }],
    ['a short password', { email: 'new@example.com', password: 'short' }],
  ])('is not made of %s', async (_what, input) => {
    expect(await bootstrap(input)).toMatchObject({ code: 'validation_failed' });
  });
});
