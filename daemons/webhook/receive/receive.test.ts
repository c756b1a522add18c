import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signWebhook } from '../../../lib/providers/meta/signature.ts';
import {
  APP_SECRET,
  leadgenPost,
  startWebhookKit,
  VERIFY_TOKEN,
  type WebhookKit,
} from '../testing/kit.ts';

let kit: WebhookKit;

beforeAll(async () => {
  kit = await startWebhookKit();
});
afterAll(() => kit.stop());

const eventsLike = (key: string) =>
  kit.rows('SELECT * FROM webhook_events WHERE dedupe_key LIKE $1 ORDER BY dedupe_key', [key]);
const posts = async () =>
  Number((await kit.rows('SELECT count(*) FROM webhook_posts'))[0]?.['count']);

describe('the handshake', () => {
  const shake = (query: Record<string, string>) =>
    fetch(`${kit.daemon.url}/webhook/meta?${new URLSearchParams(query)}`, {
      headers: kit.daemon.vouchFor({ kind: 'anonymous' }),
    });
  const good = {
    'hub.mode': 'subscribe',
    'hub.verify_token': VERIFY_TOKEN,
    'hub.challenge': '1158201444',
  };

  test('answers the bare challenge as text', async () => {
    const response = await shake(good);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toBe('1158201444');
  });

  test.each([
    ['another token', { ...good, 'hub.verify_token': 'guessed' }],
    ['another mode', { ...good, 'hub.mode': 'unsubscribe' }],
    ['nothing at all', {}],
  ])('refuses %s', async (_what, query) => {
    expect((await shake(query)).status).toBe(403);
  });
});

test('what is not Meta’s is written into the audit log', async () => {
  const forged = await fetch(`${kit.daemon.url}/webhook/meta`, {
    method: 'POST',
    body: JSON.stringify(leadgenPost([{ leadgen_id: 'forged', page_id: '5' }])),
    headers: {
      ...kit.daemon.vouchFor({ kind: 'anonymous' }),
      'x-forwarded-for': '192.0.2.66',
      'x-hub-signature-256': signWebhook(Buffer.from('something else'), APP_SECRET),
    },
  });
  expect(forged.status).toBe(401);
  const seen = () =>
    kit.rows("SELECT action, actor_kind, target_id, detail FROM audit_log WHERE ip = '192.0.2.66'");
  await expect.poll(seen, { timeout: 10_000, interval: 100 }).toEqual([
    {
      action: 'webhook.rejected',
      actor_kind: 'anonymous',
      target_id: 'meta post',
      detail: { count: 1 },
    },
  ]);
});

describe('a post', () => {
  test('is verified over its own bytes, in the form that Meta escapes', async () => {
    const body = String.raw`{"object":"page","entry":[{"id":"5","time":1,"changes":[{"field":"leadgen","value":{"leadgen_id":"esc1","page_id":"5","form_id":"6","note":"J\u00e4ger \u0040 a\/b"}}]}]}`;
    expect(await kit.post(body)).toBe(200);
    expect(await eventsLike('leadgen:esc1')).toMatchObject([
      { page_id: '5', form_id: '6', value: { note: 'Jäger @ a/b' }, status: 'received' },
    ]);
    const [stored] = await kit.rows(
      'SELECT body FROM webhook_posts WHERE id = (SELECT post_id FROM webhook_events WHERE leadgen_id = $1)',
      ['esc1'],
    );
    expect(String(stored?.['body'])).toBe(body);
  });

  test('with a change that is nested without end is kept, and its neighbours are read', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const leadgen =
      '{"field":"leadgen","value":{"leadgen_id":"beside1","page_id":"5","form_id":"6"}}';
    const changes = `{"field":"feed","value":${deep}},${leadgen}`;
    const body = `{"object":"page","entry":[{"id":"5","time":1,"changes":[${changes}]}]}`;
    expect(await kit.post(body)).toBe(200);
    expect(await eventsLike('leadgen:beside1')).toMatchObject([{ status: 'received' }]);
  });

  test.each([
    ['a wrong signature', signWebhook(Buffer.from('other'), APP_SECRET)],
    [
      'the signature of another app',
      signWebhook(Buffer.from(JSON.stringify(leadgenPost([{ leadgen_id: 'evil' }]))), 'other'),
    ],
    ['an empty signature', ''],
  ])('with %s is refused and not kept', async (_what, signature) => {
    const before = await posts();
    expect(await kit.post(leadgenPost([{ leadgen_id: 'evil' }]), signature)).toBe(401);
    expect(await posts()).toBe(before);
    expect(await eventsLike('leadgen:evil')).toEqual([]);
  });

  test('without a right signature is counted', async () => {
    const counted = async () => {
      const page = await (await fetch(`${kit.daemon.url}/metrics`)).text();
      return Number(/^webhook_unsigned_posts_total\{.*\} (\d+)$/m.exec(page)?.[1] ?? 0);
    };
    const before = await counted();
    await kit.post(leadgenPost([{ leadgen_id: 'evil' }]), 'sha256=00');
    await kit.post(leadgenPost([{ leadgen_id: 'good-1' }]));
    expect(await counted()).toBe(before + 1);
  });

  test('keeps ids beyond 2^53 to the last digit, as integers and as strings', async () => {
    const body =
      '{"object":"page","entry":[{"id":90071992547409931,"time":1,"changes":[' +
      '{"field":"leadgen","value":{"leadgen_id":98765432109876543211,"form_id":90071992547409935}},' +
      '{"field":"leadgen","value":{"leadgen_id":"98765432109876543212","page_id":90071992547409937}}]}]}';
    expect(await kit.post(body)).toBe(200);
    expect(await eventsLike('leadgen:9876543210987654321%')).toMatchObject([
      {
        leadgen_id: '98765432109876543211',
        page_id: '90071992547409931',
        form_id: '90071992547409935',
      },
      { leadgen_id: '98765432109876543212', page_id: '90071992547409937', form_id: null },
    ]);
  });

  test('of 1000 changes is kept whole, and once however often it comes', async () => {
    const changes = Array.from({ length: 1_000 }, (_none, index) => ({
      leadgen_id: `many${index}`,
      page_id: '1',
    }));
    const answers = await Promise.all(
      [changes, changes.toReversed(), changes].map((each) => kit.post(leadgenPost(each))),
    );
    expect(answers).toEqual([200, 200, 200]);
    expect(await eventsLike('leadgen:many%')).toHaveLength(1_000);
  });

  test('that is sent many times at once is one event', async () => {
    const body = leadgenPost([{ leadgen_id: 'twice', page_id: '1' }]);
    const answers = await Promise.all(Array.from({ length: 30 }, () => kit.post(body)));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await eventsLike('leadgen:twice')).toHaveLength(1);
  });

  test.each([
    ['no JSON', 'leadgen!', 'not_json'],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0xfe]), 'not_json'],
    ['no envelope', '[1,2]', 'not_an_envelope'],
    ['an envelope of another shape', '{"object":"page","entry":"none"}', 'not_an_envelope'],
  ])('that is %s is kept as ignored, so that Meta stops sending it', async (_what, body, code) => {
    expect(await kit.post(body)).toBe(200);
    const [event] = await kit.rows('SELECT * FROM webhook_events ORDER BY id DESC LIMIT 1');
    expect(event).toMatchObject({
      status: 'ignored',
      last_error_code: code,
      next_attempt_at: null,
    });
  });

  test('loses no good change to a bad one beside it', async () => {
    const changes = [
      'nonsense',
      { field: 'leadgen', value: { page_id: '1' } },
      { field: 'leadgen', value: { leadgen_id: 'x'.repeat(5_000), page_id: '1' } },
      { field: 'feed', value: { item: 'post' } },
      {
        field: 'leadgen',
        value: { leadgen_id: 'good', page_id: '1', note: 'nul \0, half \uD800' },
      },
    ];
    expect(
      await kit.post({ object: 'page', entry: [{ id: '1' }, { id: '1', time: 1, changes }] }),
    ).toBe(200);
    expect(await eventsLike('leadgen:good')).toMatchObject([
      { status: 'received', value: { note: 'nul \u{FFFD}, half \u{FFFD}' } },
    ]);
    const codes = await kit.rows(
      `SELECT last_error_code AS code FROM webhook_events WHERE post_id =
        (SELECT post_id FROM webhook_events WHERE leadgen_id = 'good') ORDER BY 1`,
    );
    expect(codes.map(({ code }) => code)).toEqual([
      'no_leadgen_id',
      'no_leadgen_id',
      'not_handled',
      'not_handled',
      null,
    ]);
  });

  test('whose lead comes with what nobody documents is kept, and its lead can be fetched', async () => {
    const deep = '['.repeat(500) + ']'.repeat(500);
    const value = `{"leadgen_id":"deep","big":1e999,"ad_id":12345678901234567890,"x":${deep}}`;
    const body = `{"object":"page","entry":[{"id":"1","changes":[{"field":"leadgen","value":${value}}]}]}`;
    expect(await kit.post(body)).toBe(200);
    expect(await eventsLike('leadgen:deep')).toMatchObject([
      { status: 'received', page_id: '1', value: { ad_id: '12345678901234567890', big: null } },
    ]);
  });

  test('of any JSON, however odd, is kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ field: fc.constantFrom('leadgen', 'messages'), value: fc.jsonValue() }),
        ),
        fc.constantFrom('page', 'instagram', 'whatsapp_business_account'),
        async (changes, object) => {
          const before = await posts();
          expect(await kit.post({ object, entry: [{ id: '1', changes }] })).toBe(200);
          expect(await posts()).toBe(before + 1);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('of WhatsApp statuses is one event a status, without the number it went to', async () => {
    const status = (id: string, name: string, more: object = {}) => ({
      id,
      status: name,
      timestamp: '1772366400',
      recipient_id: '4915112345678',
      biz_opaque_callback_data: 'd',
      ...more,
    });
    const value = {
      messaging_product: 'whatsapp',
      statuses: [
        status('wamid.1', 'read'),
        status('wamid.1', 'sent'),
        status('wamid.2', 'failed', {
          errors: [
            { code: 131026, title: 'Undeliverable', error_data: { details: 'to +4915112345678' } },
          ],
        }),
        status('wamid.3', 'pondering'),
      ],
    };
    const body = {
      object: 'whatsapp_business_account',
      entry: [{ id: '9', changes: [{ field: 'messages', value }] }],
    };
    expect(await kit.post(body)).toBe(200);
    const events = await eventsLike('whatsapp:%');
    expect(events.map(({ dedupe_key: key }) => key)).toEqual([
      'whatsapp:wamid.1:read',
      'whatsapp:wamid.1:sent',
      'whatsapp:wamid.2:failed',
    ]);
    expect(events[2]?.['value']).toMatchObject({ error: { code: '131026' }, at: 1_772_366_400 });
    expect(JSON.stringify(events)).not.toContain('4915112345678');
    expect(
      await kit.rows("SELECT object FROM webhook_events WHERE last_error_code = 'unknown_status'"),
    ).toHaveLength(1);
  });
});
