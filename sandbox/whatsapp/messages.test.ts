import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { APP_SECRET, startSandbox, type TestSandbox } from '../testing/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.control('POST', '/reset');
  sandbox.received.length = 0;
  sandbox.answerWith(200);
});

interface Sent {
  status: number;
  body: unknown;
}

async function send(
  message: object,
  options: { token?: string | null; from?: string } = {},
): Promise<Sent> {
  const { token = 'EAAtoken', from = '1001' } = options;
  const response = await fetch(`${sandbox.url}/v25.0/${from}/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(message),
  });
  return { status: response.status, body: await response.json() };
}

function newLead(parameters: string[], extra: object = {}): object {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '+15551234567',
    type: 'template',
    template: {
      name: 'new_lead',
      language: { code: 'en_US' },
      components: [
        { type: 'body', parameters: parameters.map((text) => ({ type: 'text', text })) },
      ],
    },
    ...extra,
  };
}

const envelope = z.object({
  error: z.object({
    code: z.number(),
    message: z.string(),
    fbtrace_id: z.string(),
    error_data: z.object({ details: z.string() }).optional(),
  }),
});

function errorOf({ body }: Sent) {
  return envelope.parse(body).error;
}

const statusWebhook = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(
    z.object({
      changes: z.array(z.object({ value: z.object({ statuses: z.array(z.looseObject({})) }) })),
    }),
  ),
});

function statuses(): Record<string, unknown>[] {
  return sandbox.received.flatMap(({ body }) =>
    statusWebhook
      .parse(JSON.parse(body))
      .entry.flatMap((entry) => entry.changes.flatMap((change) => change.value.statuses)),
  );
}

describe('WhatsApp messages', () => {
  it('accepts a template message and shows it', async () => {
    const sent = await send(newLead(['Ada'], { biz_opaque_callback_data: 'delivery-1' }));
    expect(sent).toMatchObject({
      status: 200,
      body: {
        messaging_product: 'whatsapp',
        contacts: [{ input: '+15551234567', wa_id: '15551234567' }],
        messages: [{ id: expect.stringMatching(/^wamid\./), message_status: 'accepted' }],
      },
    });
    expect(await sandbox.control('GET', '/whatsapp/messages')).toMatchObject({
      data: [
        {
          to: '+15551234567',
          template: { name: 'new_lead' },
          biz_opaque_callback_data: 'delivery-1',
        },
      ],
    });
  });

  it('sends signed status webhooks that carry the callback data', async () => {
    await send(newLead(['Ada'], { biz_opaque_callback_data: 'lead/ä@1' }));
    await vi.waitFor(() => expect(sandbox.received).toHaveLength(2), 3_000);
    for (const { body, signature } of sandbox.received) {
      const expected = createHmac('sha256', APP_SECRET).update(body).digest('hex');
      expect(signature).toBe(`sha256=${expected}`);
      expect(body).toContain(String.raw`lead\/\u00e4\u00401`);
    }
    expect(statuses()).toMatchObject([
      { status: 'sent', biz_opaque_callback_data: 'lead/ä@1' },
      { status: 'delivered', biz_opaque_callback_data: 'lead/ä@1' },
    ]);
  });

  it('sends a webhook again until the gateway takes it', async () => {
    await sandbox.control('PATCH', '/webhooks/behaviour', { statuses: { sequence: ['sent'] } });
    sandbox.answerWith(503);
    await send(newLead(['Ada']));
    await vi.waitFor(() => expect(sandbox.received).toHaveLength(1), 3_000);
    sandbox.answerWith(200);
    await vi.waitFor(async () => {
      expect(await sandbox.control('GET', '/webhooks')).toMatchObject({
        data: [{ outcome: 'delivered', attempts: 2 }],
      });
    }, 3_000);
  });

  it('doubles, reorders and drops status webhooks when asked', async () => {
    await sandbox.control('PATCH', '/webhooks/behaviour', {
      statuses: { copies: 2, reorder: true },
    });
    await send(newLead(['Ada']));
    await vi.waitFor(() => expect(sandbox.received).toHaveLength(4), 3_000);
    expect(statuses().map(({ status }) => status)).toEqual([
      'delivered',
      'delivered',
      'sent',
      'sent',
    ]);
    await sandbox.control('PATCH', '/webhooks/behaviour', { statuses: { drop_rate: 1 } });
    await send(newLead(['Grace']));
    expect(await sandbox.control('GET', '/webhooks')).toMatchObject({ data: { length: 4 } });
  });

  it.each([
    ['no token', newLead(['Ada']), 104, 401, null],
    ['no product', { ...newLead(['Ada']), messaging_product: undefined }, 100, 400, undefined],
    ['no recipient', newLead(['Ada'], { to: '' }), 100, 400, undefined],
    ['an empty parameter', newLead(['']), 131_008, 400, undefined],
    ['a line break in a parameter', newLead(['a\nb']), 100, 400, undefined],
    ['five spaces in a parameter', newLead(['a     b']), 100, 400, undefined],
    ['no template name', newLead([], { template: {} }), 131_008, 400, undefined],
    [
      'too long callback data',
      newLead(['Ada'], { biz_opaque_callback_data: 'x'.repeat(513) }),
      100,
      400,
      undefined,
    ],
  ])(
    'refuses %s as WhatsApp does, and keeps nothing',
    async (_what, message, code, status, token) => {
      const sent = await send(message, token === undefined ? {} : { token });
      expect(sent.status).toBe(status);
      expect(errorOf(sent).code).toBe(code);
      expect(await sandbox.control('GET', '/whatsapp/messages')).toEqual({ data: [] });
    },
  );

  it('knows only registered templates once there is one, and counts their parameters', async () => {
    await sandbox.control('POST', '/whatsapp/templates', {
      name: 'new_lead',
      body: 'New lead {{1}}, call {{2}}',
    });
    const short = await send(newLead(['Ada']));
    const other = await send(
      newLead(['Ada'], { template: { name: 'x', language: { code: 'en' } } }),
    );
    const fitting = await send(newLead(['Ada', '+49']));
    expect(errorOf(short).code).toBe(132_000);
    expect(errorOf(other).code).toBe(132_001);
    expect(fitting.status).toBe(200);
    expect(await sandbox.control('GET', '/whatsapp/messages')).toMatchObject({
      data: [{ text: 'New lead Ada, call +49' }],
    });
  });

  it('lists templates and describes numbers', async () => {
    const get = async (path: string) => {
      const headers = { authorization: 'Bearer EAAtoken' };
      return (await fetch(`${sandbox.url}/v25.0/${path}`, { headers })).json();
    };
    await sandbox.control('POST', '/whatsapp/templates', { name: 'hi', body: 'Hi {{name}}' });
    expect(await get('999/message_templates?name=hi')).toMatchObject({
      data: [{ name: 'hi', status: 'APPROVED', parameter_format: 'NAMED' }],
    });
    expect(await get('999/message_templates?name=bye')).toMatchObject({ data: [] });
    expect(await get('1001?fields=display_phone_number,verified_name')).toMatchObject({
      id: '1001',
      display_phone_number: '15550001001',
    });
  });

  it('puts the business’s country before a recipient without +', async () => {
    await sandbox.control('POST', '/whatsapp/phone-numbers', { id: '1001', country_code: '49' });
    const sent = await send(newLead(['Ada'], { to: '15551234567' }));
    expect(sent.body).toMatchObject({ contacts: [{ wa_id: '4915551234567' }] });
  });

  it('limits one recipient and no other when the pair limit is on', async () => {
    await sandbox.control('PUT', '/quotas', { whatsapp_pair: true });
    for (let count = 0; count < 45; count += 1) await send(newLead(['Ada']));
    expect(errorOf(await send(newLead(['Ada']))).code).toBe(131_056);
    expect((await send(newLead(['Ada'], { to: '+15550000000' }))).status).toBe(200);
  });

  it('refuses a token declared dead', async () => {
    await sandbox.control('PUT', '/meta/tokens', { access_token: 'dead', is_valid: false });
    const sent = await send(newLead(['Ada']), { token: 'dead' });
    expect(errorOf(sent).code).toBe(190);
  });
});

describe('faults', () => {
  it('are refused when they name no effect, or an operation that does not exist', async () => {
    const add = (fault: object) => sandbox.control('POST', '/faults', fault);
    await expect(add({ provider: 'whatsapp' })).rejects.toThrow('422');
    await expect(add({ provider: 'whatsapp', operation: 'mesages', status: 500 })).rejects.toThrow(
      'body.operation',
    );
  });

  it('that hang end when the sandbox stops', async () => {
    const doomed = await startSandbox();
    await doomed.control('POST', '/faults', { provider: 'whatsapp', hang_after_accept: true });
    const hung = fetch(`${doomed.url}/v25.0/1/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer EAAtoken' },
      body: JSON.stringify(newLead(['Ada'])),
    }).catch(() => 'cut');
    await vi.waitFor(async () =>
      expect(await doomed.control('GET', '/whatsapp/messages')).toMatchObject({ data: [{}] }),
    );
    const startedAtMs = performance.now();
    await doomed.stop();
    expect(await hung).toBe('cut');
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
  });

  it('fail one number with the code, status and headers asked for', async () => {
    await sandbox.control('POST', '/faults', {
      provider: 'whatsapp',
      operation: 'messages',
      subject: '1001',
      code: 131_056,
      headers: { 'Retry-After': '7' },
    });
    const sent = await send(newLead(['Ada']));
    expect([sent.status, errorOf(sent).code]).toEqual([400, 131_056]);
    expect((await send(newLead(['Ada']), { from: '1002' })).status).toBe(200);
    await sandbox.control('DELETE', '/faults');
    expect((await send(newLead(['Ada']))).status).toBe(200);
  });

  it('hang after acceptance: the message is sent, its statuses come, the answer does not', async () => {
    await sandbox.control('POST', '/faults', { provider: 'whatsapp', hang_after_accept: true });
    const hung = fetch(`${sandbox.url}/v25.0/1001/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer EAAtoken', 'content-type': 'application/json' },
      body: JSON.stringify(newLead(['Ada'], { biz_opaque_callback_data: 'd1' })),
      signal: AbortSignal.timeout(500),
    });
    await expect(hung).rejects.toThrow(/abort|timeout/i);
    await vi.waitFor(() => expect(statuses()).toHaveLength(2), 3_000);
    expect(statuses()[0]).toMatchObject({ biz_opaque_callback_data: 'd1' });
    expect(await sandbox.control('GET', '/requests?provider=whatsapp')).toMatchObject({
      data: [{ operation: 'messages', status: null, auth: '…(8)' }],
    });
  });

  it('meet the share of calls that the rate says', async () => {
    const rolls = [0.05, 0.5, 0.09, 0.1];
    const seeded = await startSandbox({ random: () => rolls.shift() ?? 1 });
    try {
      await seeded.control('POST', '/faults', { provider: 'whatsapp', status: 503, rate: 0.1 });
      await seeded.control('PATCH', '/webhooks/behaviour', { statuses: { sequence: [] } });
      const codes: number[] = [];
      for (let count = 0; count < 4; count += 1) {
        const response = await fetch(`${seeded.url}/v25.0/1/messages`, {
          method: 'POST',
          headers: { authorization: 'Bearer EAAtoken' },
          body: JSON.stringify(newLead(['Ada'])),
        });
        codes.push(response.status);
      }
      expect(codes).toEqual([503, 200, 503, 200]);
    } finally {
      await seeded.stop();
    }
  });
});
