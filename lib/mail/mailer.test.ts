import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError } from '../core/config.ts';
import { createMailer } from './mailer.ts';
import { startMailServer, type MailServer } from './testing/mail-server.ts';

let server: MailServer;
beforeAll(async () => {
  server = await startMailServer();
});
afterAll(() => server.stop());

const mail = { to: 'ada@example.com', subject: 'Hello', text: 'A line.\n.\nAnother.' };
const mailerTo = (url: string) =>
  createMailer({ SMTP_URL: url, MAIL_FROM: 'Leads <leads@example.com>' });

test('a mail arrives with its sender, recipient and text', async () => {
  expect(await mailerTo(server.url)?.send(mail)).toEqual({ ok: true });
  expect(server.mails).toHaveLength(1);
  expect(server.mails[0]).toMatchObject({ to: ['ada@example.com'] });
  expect(server.mails[0]?.text).toMatch(/From: Leads <leads@example.com>[^]*Subject: Hello/);
  expect(server.mails[0]?.text).toContain('Another.');
});

test('a refused recipient is told in the server’s words', async () => {
  server.refuse(true);
  const outcome = await mailerTo(server.url)?.send(mail);
  server.refuse(false);
  expect(outcome).toEqual({ ok: false, reason: expect.stringContaining('no such mailbox') });
});

test('a server that is not there is told, and so is one that says nothing', async () => {
  expect(await mailerTo('smtp://127.0.0.1:9')?.send(mail)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/ECONN|ESOCKET/),
  });
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await mailerTo(`smtp://127.0.0.1:${port}`)?.send(mail)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/time|greeting/i),
  });
  silent.close();
}, 20_000);

test('without SMTP_URL there is no mailer; without MAIL_FROM none starts', () => {
  expect(createMailer({})).toBeUndefined();
  expect(() => createMailer({ SMTP_URL: 'smtp://mail.example' })).toThrow(ConfigError);
});
