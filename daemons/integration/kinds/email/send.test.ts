import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startSandbox, type TestSandbox } from '../../../../sandbox/testing/sandbox.ts';
import { providerSettings } from '../../../../lib/core/config.ts';
import { systemClock } from '../../../../lib/core/clock.ts';
import { createProviderClients, type ProviderClients } from '../../../../lib/providers/clients.ts';
import { checked, owed, type Given } from '../../testing/owed.ts';
import { emailKind } from './index.ts';
import { emailDeliveries } from './send.ts';
import { emailSettings, type EmailSettings } from './settings.ts';

let sandbox: TestSandbox;
let clients: ProviderClients;

beforeAll(async () => {
  sandbox = await startSandbox();
  clients = createProviderClients({
    ...providerSettings.parse({}),
    META_APP_SECRET: 'a meta app secret',
    SMTP_URL: sandbox.smtpUrl,
    MAIL_FROM: 'Leads <leads@acme.example>',
  });
});

beforeEach(() => sandbox.control('POST', '/reset'));

afterAll(async () => {
  await clients.stop();
  await sandbox.stop();
});

const kind = () => emailDeliveries({ client: clients.mail, clock: systemClock });
const BOB = { email: 'bob@acme.example', phone: null };
const EVE = { email: 'eve@acme.example', phone: null };
const FIXED: EmailSettings = { to: ['sales@acme.example'] };

function mailOf(settings: EmailSettings, given?: Given) {
  const rendered = kind().render(owed(settings, given));
  if ('skip' in rendered) throw new Error(rendered.skip.message);
  return rendered;
}

test.each([
  [{ to: ['assignee'] }, true],
  [{ to: ['assignee', 'manager', 'a@b.example'], subject: '{name} wants {product}' }, true],
  [{ to: [] }, false],
  [{ to: ['lead'] }, false],
  [{ to: ['a@b.example\r\nBcc: c@d.example'] }, false],
  [{ to: Array.from({ length: 11 }, (_one, index) => `a${index}@b.example`) }, false],
  [{ to: ['assignee'], subject: 'a\r\nBcc: c@d.example' }, false],
  [{ to: ['assignee'], cc: ['a@b.example'] }, false],
])('settings %j: %s', (settings, isTaken) => {
  expect(emailSettings.safeParse(settings).success).toBe(isTaken);
});

test('the schema of its settings can be shown to people', () => {
  expect(z.toJSONSchema(emailKind.settings)).toMatchObject({
    required: ['to'],
    properties: {
      to: { minItems: 1, maxItems: 10, description: expect.any(String) },
      subject: { default: 'New lead: {name}', description: expect.any(String) },
    },
  });
});

describe('whom it goes to', () => {
  test('is found out when it is sent, each address once', () => {
    const to: EmailSettings['to'] = ['assignee', 'manager', 'EVE@acme.example', 'x@y.example'];
    const people = { assignee: BOB, manager: EVE };
    expect(mailOf({ to }, { people }).to).toEqual([BOB.email, EVE.email, 'x@y.example']);
    expect(mailOf({ to }).to).toEqual(['EVE@acme.example', 'x@y.example']);
  });

  test('where there is nobody, the reason says what to do', () => {
    expect(kind().render(owed<EmailSettings>({ to: ['assignee', 'manager'] }))).toEqual({
      skip: {
        code: 'no_recipient',
        message: expect.stringMatching(/no assignee and no manager .*Assign it, or add an address/),
      },
    });
  });

  test('people are read only where they are asked for', () => {
    const asks = (to: EmailSettings['to']) => kind().wantsPeople?.(owed<EmailSettings>({ to }));
    expect([asks(['manager', 'x@y.example']), asks(['x@y.example'])]).toEqual([true, false]);
  });

  test('a suppressed address is left out, and with nobody left there is no mail', () => {
    const { suppressible } = kind();
    const mail = mailOf({ to: ['x@y.example', 'assignee'] }, { people: { assignee: BOB } });
    expect(suppressible?.to(mail)).toEqual(['x@y.example', BOB.email]);
    expect(suppressible?.without(mail, new Set(['x@y.example']))).toEqual({
      ...mail,
      to: [BOB.email],
    });
    expect(suppressible?.without(mail, new Set(mail.to))).toBeNull();
  });
});

describe('the subject', () => {
  const subjectOf = (subject: string | undefined, given?: Given) =>
    mailOf(subject === undefined ? FIXED : { ...FIXED, subject }, given).subject;

  test('is filled with the lead’s fields, the form’s own too', () => {
    expect(subjectOf(undefined)).toBe('New lead: Ada Lovelace');
    expect(subjectOf(undefined, { occasion: 'assigned:1' })).toBe('Lead assigned: Ada Lovelace');
    expect(subjectOf('{product}: {note} {nothing}{toString}!')).toBe('Engine: call me !');
  });

  test('calls a lead without a name by what else is known', () => {
    expect(subjectOf(undefined, { lead: { name: null } })).toBe('New lead: ada@example.com');
    const nothing = { name: null, email: null, phone: null };
    expect(subjectOf(undefined, { lead: nothing })).toBe('New lead: without a name');
  });

  test('is one line of bounded length whatever a field holds', () => {
    const name = `A\r\nBcc: eve@evil.example\u2028x${'😀'.repeat(500)}`;
    const subject = subjectOf('{name}', { lead: { name } });
    expect(subject).toMatch(/^A Bcc: eve@evil\.example x/);
    expect(subject.length).toBeLessThanOrEqual(200);
    expect(subject.isWellFormed()).toBe(true);
  });
});

describe('the text', () => {
  test('has the lead’s facts under each other', () => {
    expect(mailOf(FIXED).text.split('\n')).toEqual([
      'New lead: Ada Lovelace',
      '',
      'Name:     Ada Lovelace',
      'E-mail:   ada@example.com',
      'Phone:    +442079460000',
      'Product:  Engine',
      'Source:   website',
      'Status:   new',
      'Received: 2026-01-02T03:04:05.678Z',
      'budget:   12345678901234567890',
      'note:     call me',
      '',
      'See all of it with: leadctl lead get 019a0000-0000-7000-8000-000000000002',
      '',
    ]);
  });

  test('indents further lines, so that no field passes for another', () => {
    const { text } = mailOf(FIXED, { payload: '{"note":"one\\r\\nPhone: +1\\n\\nthree"}' });
    expect(text).toContain('note:     one\n          Phone: +1\n          three\n');
    expect(text.match(/^Phone:/gm)).toHaveLength(1);
  });

  test('stays bounded whatever the form sent', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 300 }, (_one, index) => [`f${index}`, 'x'.repeat(10_000)]),
    );
    const { text } = mailOf(FIXED, { payload: JSON.stringify(fields) });
    expect(text.length).toBeLessThan(500_000);
    expect(text).toMatch(/… and \d+ more fields/);
  });
});

describe('sending', () => {
  const send = () => {
    const mail = mailOf({ to: ['assignee', 'x@y.example'] }, { people: { assignee: BOB } });
    const { delivery } = owed(FIXED);
    const { signal } = new AbortController();
    return kind().send(mail, { delivery, settings: FIXED, secrets: {}, signal });
  };

  test('goes to all, with the delivery’s id as its own', async () => {
    const id = `<${owed(FIXED).delivery.id}@acme.example>`;
    expect(await send()).toMatchObject({ kind: 'ok', value: { reference: id } });
    expect(await sandbox.control('GET', '/mail')).toMatchObject({
      data: [
        {
          from: 'leads@acme.example',
          to: [BOB.email, 'x@y.example'],
          raw: expect.stringContaining(`Message-ID: ${id}`),
        },
      ],
    });
  });

  test.each([
    [451, 'retry'],
    [550, 'permanent'],
  ])('%s leads to %s', async (code, verdict) => {
    await sandbox.control('POST', '/faults', { provider: 'email', code });
    expect(await send()).toMatchObject({ kind: verdict, code: `smtp_${code}` });
  });

  test('without a mail server waits, says what to set, and looks again', async () => {
    const deliveries = emailDeliveries({ client: undefined, clock: systemClock });
    const { delivery } = owed(FIXED);
    const { signal } = new AbortController();
    const context = { delivery, settings: FIXED, secrets: {}, signal };
    expect(await deliveries.send(mailOf(FIXED), context)).toMatchObject({
      kind: 'hold',
      scope: 'lane',
      code: 'no_mail_server',
      remedy: expect.stringContaining('SMTP_URL'),
      recheckAfterMs: expect.any(Number),
    });
  });
});

describe('the check', () => {
  const check = (settings: unknown) =>
    emailKind.check(checked(settings), {
      clients,
      clock: systemClock,
      appId: undefined,
    });

  test('logs in and sends nothing, and says so', async () => {
    expect(await check({ to: ['assignee', 'sales@acme.example'] })).toMatchObject([
      {
        status: 'ok',
        message: expect.stringMatching(/no mail was sent.*assignee, s\*\*\*@acme\.example/),
      },
    ]);
    expect(await sandbox.control('GET', '/mail')).toEqual({ data: [] });
  });

  test('says what is missing', async () => {
    expect(await check({})).toMatchObject([{ name: 'email.to', status: 'failed' }]);
    const without = await emailKind.check(checked(FIXED), {
      clients: { ...clients, mail: undefined },
      clock: systemClock,
      appId: undefined,
    });
    expect(without).toMatchObject([
      { code: 'no_mail_server', remedy: expect.stringContaining('SMTP_URL') },
    ]);
  });
});
