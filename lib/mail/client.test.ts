import { once } from 'node:events';
import { createServer } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSandbox, type TestSandbox } from '../../sandbox/testing/sandbox.ts';
import { createMailClient, type MailClient } from './client.ts';

let sandbox: TestSandbox;
const clients: MailClient[] = [];

beforeAll(async () => {
  sandbox = await startSandbox();
});

beforeEach(() => sandbox.control('POST', '/reset'));

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

afterAll(() => sandbox.stop());

function clientOf(url: string, timeoutMs = 5_000): MailClient {
  const client = createMailClient(
    { SMTP_URL: url, MAIL_FROM: 'Leads <leads@acme.example>' },
    timeoutMs,
  );
  if (client === undefined) throw new Error('no client');
  clients.push(client);
  return client;
}

const mail = { id: 'delivery-1', to: ['ada@acme.example'], subject: 'Hello', text: 'A lead.' };

/** A server that answers one command with an error. */
async function startRefusing(
  at: 'onConnect' | 'onAuth' | 'onMailFrom' | 'onRcptTo',
  responseCode: number,
  only?: string,
) {
  const refuse = (one: unknown, ...rest: readonly unknown[]) => {
    const done = rest.at(-1);
    const isMeant = only === undefined || JSON.stringify(one).includes(only);
    const error = Object.assign(new Error('because of ada@acme.example'), { responseCode });
    if (typeof done === 'function') done(isMeant ? error : null);
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    [at]: refuse,
  });
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: `127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

describe('a mail', () => {
  test('arrives with its text, and with an id that is the same for each attempt', async () => {
    const client = clientOf(sandbox.smtpUrl);
    for (const _attempt of [1, 2]) {
      expect(await client.post(mail)).toMatchObject({
        kind: 'ok',
        value: { messageId: '<delivery-1@acme.example>', refused: [] },
        call: { operation: 'email.send', sent: { recipients: 1 } },
      });
    }
    const raw = expect.stringMatching(
      /Message-ID: <delivery-1@acme.example>[^]*Auto-Submitted: auto-generated|Auto-Submitted: auto-generated[^]*Message-ID: <delivery-1@acme.example>/,
    );
    expect(await sandbox.control('GET', '/mail')).toMatchObject({
      data: [
        { raw, to: mail.to },
        { raw, to: mail.to },
      ],
    });
  });

  test('cannot be given another header by its subject', async () => {
    await clientOf(sandbox.smtpUrl).post({ ...mail, subject: 'Hi\r\nBcc: eve@evil.example' });
    const received = JSON.stringify(await sandbox.control('GET', '/mail'));
    expect(received).not.toMatch(/\\nBcc:/);
    expect(received).toContain('"to":["ada@acme.example"]');
  });

  test.each([
    [421, 'retry', 'lane'],
    [450, 'retry', 'delivery'],
    [451, 'retry', 'delivery'],
    [550, 'permanent', undefined],
    [552, 'permanent', undefined],
  ])('that is answered %s after its text leads to %s (%s)', async (code, kind, scope) => {
    await sandbox.control('POST', '/faults', { provider: 'email', code, message: 'because' });
    const result = await clientOf(sandbox.smtpUrl).post(mail);
    expect(result).toMatchObject({
      kind,
      code: `smtp_${code}`,
      message: expect.stringContaining('because'),
      call: { sent: { smtp_status: code } },
      ...(scope === undefined ? {} : { scope }),
    });
  });

  test.each([
    ['onConnect', 554, 'hold'],
    ['onConnect', 421, 'retry'],
    ['onMailFrom', 553, 'hold'],
    ['onMailFrom', 451, 'retry'],
    ['onRcptTo', 550, 'permanent'],
    ['onRcptTo', 450, 'retry'],
  ] as const)('refused at %s with %s leads to %s', async (at, code, kind) => {
    await using server = await startRefusing(at, code);
    const result = await clientOf(`smtp://${server.host}`).post(mail);
    expect(result).toMatchObject({ kind, code: `smtp_${code}` });
    expect(JSON.stringify(result)).not.toContain('ada@acme');
  });

  test('goes to the others when one recipient is refused, and the attempt says so', async () => {
    await using server = await startRefusing('onRcptTo', 550, 'bob@');
    const to = ['ada@acme.example', 'bob@acme.example'];
    expect(await clientOf(`smtp://${server.host}`).post({ ...mail, to })).toMatchObject({
      kind: 'ok',
      value: { refused: ['b***@acme.example'] },
      call: { sent: { recipients: 2, refused: ['b***@acme.example'] } },
    });
  });

  test('waits with a remedy when the login is refused, and tells no password', async () => {
    await using server = await startRefusing('onAuth', 535);
    const client = clientOf(`smtp://leads:open-sesame@${server.host}`);
    for (const result of [await client.post(mail), await client.verify()]) {
      expect(result).toMatchObject({
        kind: 'hold',
        scope: 'lane',
        code: 'smtp_535',
        remedy: expect.stringContaining('SMTP_URL'),
      });
      expect(JSON.stringify(result)).not.toContain('open-sesame');
    }
  });

  test('is tried again when nobody listens, and waits with a remedy when that lasts', async () => {
    const client = clientOf('smtp://127.0.0.1:9');
    for (const result of [await client.post(mail), await client.verify()]) {
      expect(result).toMatchObject({
        kind: 'retry',
        scope: 'lane',
        code: 'unreachable',
        giveUp: { hold: { scope: 'lane', remedy: expect.stringContaining('SMTP_URL') } },
      });
    }
  });

  test('that is taken and not answered is sent again after its time', async () => {
    await sandbox.control('POST', '/faults', { provider: 'email', hang_after_accept: true });
    const result = await clientOf(sandbox.smtpUrl, 300).post(mail);
    expect(result).toMatchObject({ kind: 'retry', scope: 'delivery', code: 'timeout' });
  });

  test('to what is no address fails for good, and nothing is sent', async () => {
    for (const address of ['a@acme.example, eve@evil.example', 'a\nb@acme.example', '<a>@b']) {
      const result = await clientOf(sandbox.smtpUrl).post({ ...mail, to: [address] });
      expect(result).toMatchObject({ kind: 'permanent' });
    }
    expect(await sandbox.control('GET', '/mail')).toEqual({ data: [] });
  });

  test('ends when the caller gives up', async () => {
    const signal = AbortSignal.abort();
    const result = await clientOf(sandbox.smtpUrl).post({ ...mail, signal });
    expect(result).toMatchObject({ kind: 'retry', code: 'aborted' });
  });
});

test('a server that says nothing does not keep the login waiting', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(await clientOf(`smtp://127.0.0.1:${port}`, 300).verify()).toMatchObject({
    kind: 'retry',
    code: 'timeout',
  });
  silent.close();
});

test('the login is tried without a mail', async () => {
  expect(await clientOf(sandbox.smtpUrl).verify()).toMatchObject({ kind: 'ok' });
  expect(await sandbox.control('GET', '/mail')).toEqual({ data: [] });
});

test('without SMTP_URL there is no client; without MAIL_FROM none starts', () => {
  expect(createMailClient({})).toBeUndefined();
  expect(() => createMailClient({ SMTP_URL: 'smtp://mail.example' })).toThrow(/MAIL_FROM/);
});
