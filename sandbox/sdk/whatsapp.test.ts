import { Client, MessageType } from '@great-detail/whatsapp';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { APP_SECRET, startSandbox, type TestSandbox } from '../testing/sandbox.ts';

const PHONE_NUMBER = '1001';

let sandbox: TestSandbox;
let sdk: Client;

beforeAll(async () => {
  sandbox = await startSandbox();
  sdk = new Client({
    baseUrl: `${sandbox.url}/v25.0`,
    request: { headers: { Authorization: 'Bearer EAAtoken' }, retry: 0 },
  });
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.control('POST', '/reset');
  sandbox.received.length = 0;
});

const newLead = (parameters: readonly string[]) =>
  ({
    phoneNumberID: PHONE_NUMBER,
    to: '+15551234567',
    type: MessageType.Template,
    biz_opaque_callback_data: 'delivery-7',
    template: {
      name: 'new_lead',
      language: { code: 'en_US' },
      components: [
        { type: 'body', parameters: parameters.map((text) => ({ type: 'text', text }) as const) },
      ],
    },
  }) satisfies Parameters<Client['message']['createMessage']>[0];

describe('the WhatsApp SDK', () => {
  test('sends a template and verifies the webhooks that follow', async () => {
    const sent = await sdk.message.createMessage(newLead(['Ada'])).json();
    const [message] = sent.messages;
    expect(message).toMatchObject({ message_status: 'accepted' });
    expect(await sandbox.control('GET', '/whatsapp/messages')).toMatchObject({
      data: [{ id: message?.id, to: '+15551234567', biz_opaque_callback_data: 'delivery-7' }],
    });
    await vi.waitFor(() => expect(sandbox.received.length).toBeGreaterThan(0), 5_000);
    const [{ signature, body } = { signature: '', body: '' }] = sandbox.received;
    const webhook = await sdk.webhook.eventNotification({
      method: 'POST',
      query: {},
      headers: { 'x-hub-signature-256': signature },
      body,
    });
    await webhook.verifySignature(APP_SECRET);
    await expect(webhook.verifySignature('another secret')).rejects.toThrow('Signature');
    const status = { id: message?.id, biz_opaque_callback_data: 'delivery-7' };
    expect(webhook.eventNotification.entry[0]?.changes[0]).toMatchObject({
      value: { statuses: [status] },
    });
  });

  test('reads templates and numbers', async () => {
    const template = { name: 'welcome', body: 'Hello {{1}}' };
    await sandbox.control('POST', '/whatsapp/templates', template);
    const templates = await sdk.template.list('2001', { fields: ['name', 'status'] }).json();
    expect(templates.data.map(({ name }) => name)).toContain('welcome');
    const number = await sdk.phoneNumbers
      .getPhoneNumber({ phoneNumberID: PHONE_NUMBER, fields: ['display_phone_number'] })
      .json();
    expect(number).toMatchObject({ id: PHONE_NUMBER });
  });

  test('gets the errors of a wrong message and of a dead token', async () => {
    const wrong = await sdk.message.createMessage({
      ...newLead(['']),
      request: { throwHttpErrors: false },
    });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { type: 'OAuthException' } });
    await sandbox.control('POST', '/faults', { provider: 'whatsapp', code: 190 });
    await expect(sdk.message.createMessage(newLead(['Ada']))).rejects.toMatchObject({
      name: 'HTTPError',
      response: { status: 401 },
    });
  });
});
