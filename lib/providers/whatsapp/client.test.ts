import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closedPort, startFakeServer, type FakeServer } from '../testing/fake-server.ts';
import { createWhatsAppClient, type SendTemplate, type WhatsAppClient } from './client.ts';

const TOKEN = 'EAAGsecretsecretsecretsecret';
const SEND: SendTemplate = {
  phoneNumberId: '106540352242922',
  accessToken: TOKEN,
  to: '4915123456789',
  template: {
    name: 'new_lead',
    language: 'en_US',
    parameters: [{ type: 'text', text: 'Anna Berg' }],
  },
  callbackData: 'delivery-1',
};

let server: FakeServer;
let client: WhatsAppClient;

const clientFor = (baseUrl: string) =>
  createWhatsAppClient({ baseUrl, apiVersion: 'v25.0', timeoutMs: 150 });

beforeEach(async () => {
  server = await startFakeServer();
  client = clientFor(server.baseUrl);
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await client.close();
});

describe('a sent template', () => {
  test('has the form that the Cloud API documents', async () => {
    server.answer({ body: { messages: [{ id: 'wamid.1', message_status: 'accepted' }] } });
    const sent = await client.sendTemplate(SEND);
    expect(sent).toMatchObject({
      kind: 'ok',
      value: { messageId: 'wamid.1', messageStatus: 'accepted' },
    });
    const [request] = server.requests;
    expect(request?.url.pathname).toBe('/v25.0/106540352242922/messages');
    expect(request?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(request?.json).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '+4915123456789',
      type: 'template',
      template: {
        name: 'new_lead',
        language: { code: 'en_US' },
        components: [{ type: 'body', parameters: [{ type: 'text', text: 'Anna Berg' }] }],
      },
      biz_opaque_callback_data: 'delivery-1',
    });
  });

  test('is reported without secrets and personal data', async () => {
    server.answer({
      status: 400,
      body: {
        error: { code: 190, message: `Bad token ${TOKEN} for 4915123456789`, fbtrace_id: 'F1' },
      },
    });
    const failed = await client.sendTemplate(SEND);
    expect(failed.call).toMatchObject({
      operation: 'whatsapp.send_template',
      httpStatus: 400,
      traceId: 'F1',
    });
    expect(failed.call.durationMs).toBeGreaterThanOrEqual(0);
    const shown = JSON.stringify(failed);
    expect(shown).toContain('delivery-1');
    for (const secret of [TOKEN, '4915123456789', 'Anna Berg']) expect(shown).not.toContain(secret);
  });
});

describe('a send that was not answered', () => {
  test.each(['hang', 'reset'] as const)(
    'with %s is unknown: it may have been sent',
    async (how) => {
      server.answer(how);
      expect(await client.sendTemplate(SEND)).toMatchObject({
        kind: 'unknown',
        resolve: 'await_status',
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  test.each([
    ['a gateway error', { status: 502, body: '<html>' }],
    ['a success that says nothing', { status: 200, body: '{}' }],
  ])('with %s is unknown', async (_what, answer) => {
    server.answer(answer);
    expect(await client.sendTemplate(SEND)).toMatchObject({ kind: 'unknown' });
  });

  test('because nobody listens is simply retried', async () => {
    await client.close();
    client = clientFor(await closedPort());
    expect(await client.sendTemplate(SEND)).toMatchObject({
      kind: 'retry',
      scope: 'lane',
      code: 'unreachable',
    });
  });

  test('ends with the caller that gives it up', async () => {
    server.answer('hang');
    const started = performance.now();
    const outcome = await client.sendTemplate({ ...SEND, signal: AbortSignal.timeout(30) });
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'aborted' });
    expect(performance.now() - started).toBeLessThan(140);
  });
});

describe('an error that the API names', () => {
  test('is judged by its code, whatever the HTTP status', async () => {
    server.answer({
      status: 500,
      body: { error: { code: 132001, message: 'No template', error_data: { details: 'in de' } } },
    });
    expect(await client.sendTemplate(SEND)).toMatchObject({
      kind: 'hold',
      scope: 'template',
      code: '132001',
      message: 'No template – in de',
    });
  });

  test('waits as long as Retry-After and the usage header name', async () => {
    const error = { code: 130429, message: 'Rate limit hit' };
    server.answer({ status: 429, body: { error }, headers: { 'retry-after': '9' } });
    expect(await client.sendTemplate(SEND)).toMatchObject({ kind: 'retry', notBeforeMs: 9_000 });
    const usage = JSON.stringify({ 1: [{ call_count: 101, estimated_time_to_regain_access: 2 }] });
    server.answer({
      status: 429,
      body: { error },
      headers: { 'x-business-use-case-usage': usage },
    });
    expect(await client.sendTemplate(SEND)).toMatchObject({
      kind: 'retry',
      notBeforeMs: 120_000,
      call: { usage: { percent: 101 } },
    });
  });

  test('from something that is not the API holds the account with a remedy', async () => {
    server.answer({ status: 404, body: '<html>' });
    expect(await client.sendTemplate(SEND)).toMatchObject({
      kind: 'hold',
      scope: 'lane',
      code: 'http_404',
    });
  });
});

test.each(['', '0151 2345678', 'n/a', '+0151234567'])(
  '%j is no recipient, and nothing is sent',
  async (to) => {
    expect(await client.sendTemplate({ ...SEND, to })).toMatchObject({
      kind: 'permanent',
      code: 'invalid_recipient',
    });
    expect(server.requests).toHaveLength(0);
  },
);

test('callback data over 512 characters is our own mistake', async () => {
  await expect(client.sendTemplate({ ...SEND, callbackData: 'x'.repeat(513) })).rejects.toThrow(
    RangeError,
  );
});

test('a template is found by its exact name, in every language', async () => {
  const template = {
    id: '1',
    language: 'en_US',
    status: 'APPROVED',
    components: [{ type: 'BODY', text: 'Hi {{1}}' }],
  };
  server.answer({
    body: {
      data: [
        { ...template, name: 'new_lead' },
        { ...template, name: 'new_lead_2' },
      ],
    },
  });
  const found = await client.getTemplate({ wabaId: '77', accessToken: TOKEN, name: 'new_lead' });
  expect(found).toMatchObject({
    kind: 'ok',
    value: [{ name: 'new_lead', bodyPlaceholders: ['1'] }],
  });
  expect(server.requests[0]?.url.pathname).toBe('/v25.0/77/message_templates');
  server.answer('hang');
  const hung = await client.getTemplate({ wabaId: '77', accessToken: TOKEN, name: 'new_lead' });
  expect(hung).toMatchObject({ kind: 'retry', code: 'timeout' });
});

test('a phone number is looked up', async () => {
  server.answer({ body: { id: '1065', display_phone_number: '+1 555', quality_rating: 'GREEN' } });
  expect(await client.getPhoneNumber({ phoneNumberId: '1065', accessToken: TOKEN })).toMatchObject({
    kind: 'ok',
    value: { id: '1065', displayPhoneNumber: '+1 555', verifiedName: null, qualityRating: 'GREEN' },
  });
});
