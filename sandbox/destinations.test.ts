import { createTransport } from 'nodemailer';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type TestSandbox } from './testing/sandbox.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

beforeEach(() => sandbox.control('POST', '/reset'));

afterAll(() => sandbox.stop());

describe('a receiver of webhooks', () => {
  const body = '{"type":"lead.created"}';
  const post = (headers: Record<string, string> = {}) =>
    fetch(`${sandbox.url}/hooks/crm`, { method: 'POST', headers, body });

  test('takes anything until it is given a secret, then only what is signed with it', async () => {
    expect((await post()).status).toBe(200);
    await sandbox.control('PUT', '/hooks/crm', { secret: SECRET });
    expect((await post()).status).toBe(401);
    const at = new Date();
    const signed = {
      'webhook-id': 'm1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(SECRET).sign('m1', at, body),
    };
    expect((await post(signed)).status).toBe(200);
    expect(await sandbox.control('GET', '/hooks?name=crm')).toMatchObject({
      data: [
        { id: null, verified: null },
        { verified: false },
        { name: 'crm', id: 'm1', verified: true, body },
      ],
    });
  });

  test('fails as it is told to, with the headers it is told', async () => {
    const fault = { provider: 'webhook', status: 429, headers: { 'retry-after': '7' }, times: 1 };
    await sandbox.control('POST', '/faults', fault);
    const answer = await post();
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await post()).status).toBe(200);
  });
});

describe('Slack', () => {
  const post = (body: string) =>
    fetch(`${sandbox.url}/services/T0/B0/hook1`, { method: 'POST', body });

  test('keeps a message and answers ok, as plain text', async () => {
    expect(await (await post('{"text":"A lead"}')).text()).toBe('ok');
    expect(await sandbox.control('GET', '/slack/messages')).toMatchObject({
      data: [{ hook: 'hook1', text: 'A lead' }],
    });
  });

  test('words its errors as bare codes', async () => {
    expect(await (await post('{')).text()).toBe('invalid_payload');
    expect(await (await post('{}')).text()).toBe('no_text');
    const fault = { provider: 'slack', status: 410, code: 'channel_is_archived', times: 1 };
    await sandbox.control('POST', '/faults', fault);
    const answer = await post('{"text":"x"}');
    expect([answer.status, await answer.text()]).toEqual([410, 'channel_is_archived']);
  });
});

describe('the mail server', () => {
  const mail = {
    from: 'leads@acme.example',
    to: 'rep@acme.example',
    subject: 'A lead',
    text: 'Hi',
  };
  const send = () => createTransport({ url: sandbox.smtpUrl }).sendMail(mail);

  test('keeps what it takes', async () => {
    await send();
    expect(await sandbox.control('GET', '/mail')).toMatchObject({
      data: [
        {
          from: 'leads@acme.example',
          to: ['rep@acme.example'],
          raw: expect.stringContaining('Subject: A lead'),
        },
      ],
    });
  });

  test('refuses with the SMTP code that it is told, and keeps nothing', async () => {
    await sandbox.control('POST', '/faults', { provider: 'email', code: 550, times: 1 });
    await expect(send()).rejects.toMatchObject({ responseCode: 550 });
    expect(await sandbox.control('GET', '/mail')).toEqual({ data: [] });
    expect(await sandbox.control('GET', '/requests?provider=email')).toMatchObject({
      data: [{ operation: 'send', subject: 'rep@acme.example', status: 550 }],
    });
  });
});
