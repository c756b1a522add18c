import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asAdmin, asUser } from '../../lib/testing/identities.ts';
import { leadgenPost, startWebhookKit, type WebhookKit } from './testing/kit.ts';

let kit: WebhookKit;

beforeAll(async () => {
  kit = await startWebhookKit();
});
afterAll(() => kit.stop());

describe('the list of events', () => {
  test('is for admins, newest first, by status and in pages', async () => {
    await kit.post('no JSON');
    await kit.post(leadgenPost([{ leadgen_id: 'l0', page_id: '8' }]));
    await kit.post(leadgenPost([{ leadgen_id: 'l1', page_id: '8', form_id: '9' }]));
    const admin = kit.daemon.client(asAdmin());
    const first = await admin.call('listEvents', { query: { status: 'received', limit: 1 } });
    expect(first).toMatchObject({
      ok: true,
      body: {
        data: [
          {
            object: 'page',
            field: 'leadgen',
            page_id: '8',
            form_id: '9',
            leadgen_id: 'l1',
            status: 'received',
          },
        ],
      },
    });
    const cursor = first.ok ? (first.body.next_cursor ?? '') : '';
    const second = await admin.call('listEvents', {
      query: { status: 'received', limit: 1, cursor },
    });
    expect(second).toMatchObject({ body: { data: [{ leadgen_id: 'l0' }], next_cursor: null } });
    const ignored = await admin.call('listEvents', { query: { status: 'ignored' } });
    expect(ignored).toMatchObject({
      body: { data: [{ status: 'ignored', last_error: { code: 'not_json' } }] },
    });
  });

  test('is for nobody else', async () => {
    const refused = await kit.daemon.client(asUser({ id: 'u' })).call('listEvents', {});
    expect(refused).toMatchObject({ ok: false, problem: { code: 'forbidden' } });
  });
});
