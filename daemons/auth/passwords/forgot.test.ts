import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  startMailServer,
  tokenIn,
  type MailServer,
} from '../../../lib/mail/testing/mail-server.ts';
import { aUser, type TestUser } from '../../../lib/testing/factories.ts';
import { answerOf, signIn } from '../testing/sign-in.ts';
import { startTestAuth, type TestAuth } from '../testing/start.ts';

const OLD = 'correct horse battery';
const NEW = 'another horse, fresher';

let mail: MailServer;
let auth: TestAuth;
let user: TestUser;

beforeAll(async () => {
  mail = await startMailServer();
  auth = await startTestAuth({
    settings: {
      SMTP_URL: mail.url,
      MAIL_FROM: 'leads@example.com',
      PUBLIC_URL: 'https://leads.example/',
    },
  });
});
beforeEach(async () => {
  user = await aUser(auth.db, { password: OLD });
});
afterAll(async () => {
  await auth.stop();
  await mail.stop();
});

let addresses = 0;
const forgot = (email: string, ip = `192.0.2.${(addresses += 1)}`) =>
  auth.daemon
    .client()
    .call('forgotPassword', { body: { email }, headers: { 'x-forwarded-for': ip } });
const set = (token: string, password = NEW) =>
  auth.daemon.client().call('setPassword', { body: { token, password } });
const mailsTo = (email: string) => mail.mails.filter(({ to }) => to.includes(email));
const mailTo = async (email: string, count = 1) => {
  await expect.poll(() => mailsTo(email).length).toBe(count);
  return mailsTo(email)[count - 1];
};

describe('a forgotten password', () => {
  test('is answered by a mail to the owner, whose link sets a new one and proves the e-mail', async () => {
    const { refresh_token } = await signIn(auth, user.email, OLD);
    expect(answerOf(await forgot(user.email))).toBe(202);
    const sent = await mailTo(user.email);
    expect(sent?.text).toContain('https://leads.example/account/#token=');
    expect(await set(tokenIn(sent))).toMatchObject({ ok: true, body: { email_proven: true } });
    expect(answerOf(await set(tokenIn(sent)))).toBe('not_found');
    await signIn(auth, user.email, NEW);
    const refreshed = await auth.daemon.client().call('refresh', { body: { refresh_token } });
    expect(answerOf(refreshed)).toBe('unauthenticated');
  });

  test('of nobody, and of a disabled user, is answered alike and mailed to nobody', async () => {
    const disabled = await aUser(auth.db, { status: 'disabled' });
    const answers = [];
    for (const email of [user.email, disabled.email, 'unknown@example.com']) {
      const result = await forgot(email);
      answers.push(result.ok ? [result.status, result.body] : result.problem);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await mailTo(user.email);
    expect([...mailsTo(disabled.email), ...mailsTo('unknown@example.com')]).toEqual([]);
  });

  test('sends three mails an hour to an e-mail, and takes ten questions of an address', async () => {
    for (let asked = 0; asked < 5; asked += 1) {
      expect(answerOf(await forgot(user.email))).toBe(202);
      await mailTo(user.email, Math.min(asked + 1, 3));
    }
    const another = await aUser(auth.db);
    await forgot(another.email);
    await mailTo(another.email);
    expect(mailsTo(user.email)).toHaveLength(3);
    const answers = [];
    for (let asked = 0; asked < 11; asked += 1) {
      answers.push(answerOf(await forgot(`nobody-${asked}@example.com`, '198.51.100.1')));
    }
    expect(answers).toEqual([...Array<number>(10).fill(202), 'rate_limited']);
  });

  test('leaves the old password, and the link of an invitation, as they are until it is used', async () => {
    const invited = await aUser(auth.db, { status: 'invited' });
    await forgot(invited.email);
    await forgot(user.email);
    await mailTo(user.email);
    await signIn(auth, user.email, OLD);
    expect(answerOf(await set(tokenIn(await mailTo(invited.email))))).toBe(200);
  });
});

test('whoever had an unproven account before its owner cannot keep them out by an authenticator app', async () => {
  await auth.db.query('UPDATE users SET has_totp = true WHERE id = $1', [user.id]);
  await auth.db.query("INSERT INTO totp_secrets (user_id, sealed) VALUES ($1, 'theirs')", [
    user.id,
  ]);
  await forgot(user.email);
  await set(tokenIn(await mailTo(user.email)));
  const body = { email: user.email, password: NEW };
  expect(answerOf(await auth.daemon.client().call('login', { body }))).toBe(200);
});

test('without a mail server the answer says whom to ask', async () => {
  const silent = await startTestAuth();
  try {
    const body = { email: 'ada@example.com' };
    expect(await silent.daemon.client().call('forgotPassword', { body })).toMatchObject({
      status: 202,
      body: { detail: expect.stringContaining('sends no e-mail') },
    });
  } finally {
    await silent.stop();
  }
});
