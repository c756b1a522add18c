import bcrypt from 'bcrypt';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aUser } from '../../../lib/testing/factories.ts';
import { answerOf } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start.ts';

const PASSWORD = 'correct horse battery';

let auth: TestAuth;
/** The costs of the comparisons made, in order. */
let compared: number[] = [];
/** What happens elsewhere while the next comparison is made. */
let meanwhile: () => Promise<unknown> = async () => undefined;

beforeAll(async () => {
  auth = await startTestAuth({
    settings: { BCRYPT_ROUNDS: '5' },
    parts: {
      bcrypt: {
        hash: (password, rounds) => bcrypt.hash(password, rounds),
        async compare(password, hash) {
          compared.push(bcrypt.getRounds(hash));
          const isEqual = await bcrypt.compare(password, hash);
          const happening = meanwhile;
          meanwhile = async () => undefined;
          await happening();
          return isEqual;
        },
      },
    },
  });
});

beforeEach(() => {
  compared = [];
});

afterAll(() => auth.stop());

const login = (email: string, password = PASSWORD) =>
  auth.daemon.client().call('login', { body: { email, password } });

test('a login is one comparison of the same cost, whoever the user is or is not', async () => {
  await auth.daemon.client().call('register', {
    body: { email: 'ada@example.com', password: PASSWORD },
  });
  const { rows } = await auth.db.query('SELECT password_hash FROM users WHERE email = $1', [
    'ada@example.com',
  ]);
  const disabled = await aUser(auth.db, { status: 'disabled' });
  await auth.db.query('UPDATE users SET password_hash = $1 WHERE id = $2', [
    rows[0].password_hash,
    disabled.id,
  ]);
  const invited = await aUser(auth.db, { status: 'invited' });

  expect(answerOf(await login('ada@example.com'))).toBe(200);
  expect(answerOf(await login('ada@example.com', 'wrong password'))).toBe('invalid_credentials');
  expect(answerOf(await login('ada@example.com', 'x'.repeat(100)))).toBe('invalid_credentials');
  expect(answerOf(await login('unknown@example.com'))).toBe('invalid_credentials');
  expect(answerOf(await login(disabled.email))).toBe('invalid_credentials');
  expect(answerOf(await login(invited.email))).toBe('invalid_credentials');
  expect(compared).toEqual([5, 5, 5, 5, 5, 5]);
});

test('a login renews a hash of another cost, also when several come at once', async () => {
  const user = await aUser(auth.db, { password: PASSWORD });
  const results = await Promise.all([1, 2, 3].map(() => login(user.email)));
  expect(results.map(answerOf)).toEqual([200, 200, 200]);
  const { rows } = await auth.db.query('SELECT password_hash FROM users WHERE id = $1', [user.id]);
  expect(bcrypt.getRounds(rows[0].password_hash)).toBe(5);
  expect(answerOf(await login(user.email))).toBe(200);
});

test('a login with the old password opens nothing once the new one is set', async () => {
  const user = await aUser(auth.db, { password: PASSWORD });
  const hash = await bcrypt.hash('another password', 5);
  meanwhile = () =>
    auth.db.query('UPDATE users SET password_hash = $1 WHERE id = $2', [hash, user.id]);
  expect(answerOf(await login(user.email))).toBe('invalid_credentials');
});

test('a login opens nothing for a user who is disabled while it is checked', async () => {
  const user = await aUser(auth.db, { password: PASSWORD });
  meanwhile = () => auth.db.query("UPDATE users SET status = 'disabled' WHERE id = $1", [user.id]);
  expect(answerOf(await login(user.email))).toBe('invalid_credentials');
});
