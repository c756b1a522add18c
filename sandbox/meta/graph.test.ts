import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { APP_SECRET, startSandbox, VERIFY_TOKEN, type TestSandbox } from '../testing/sandbox.ts';

const TOKEN = 'EAApage';
const PROOF = createHmac('sha256', APP_SECRET).update(TOKEN).digest('hex');

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.control('POST', '/reset');
  sandbox.received.length = 0;
});

async function graph(
  path: string,
  query: Record<string, string> = {},
  options: { method?: string; proof?: string | null; token?: string } = {},
) {
  const { proof = PROOF, method = 'GET', token = TOKEN } = options;
  const search = new URLSearchParams(query);
  if (proof !== null) search.set('appsecret_proof', proof);
  const response = await fetch(`${sandbox.url}/v25.0/${path}?${search}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

const made = z.object({ leadgen_id: z.string() });

async function makeLead(extra: object = {}): Promise<string> {
  const lead = {
    page_id: '123',
    form_id: '456',
    field_data: [{ name: 'full_name', values: ['Ada Lovelace'] }],
    notify: false,
    ...extra,
  };
  return made.parse(await sandbox.control('POST', '/meta/leads', lead)).leadgen_id;
}

describe('leads in Graph', () => {
  it('are read by id, with the fields asked for', async () => {
    const id = await makeLead({
      created_time: 1_800_000_000,
      custom_disclaimer_responses: [{ checkbox_key: 'news', is_checked: '1' }],
    });
    const fields = 'created_time,field_data,form_id,platform,ad_id,custom_disclaimer_responses';
    expect(await graph(id, { fields })).toEqual({
      status: 200,
      body: {
        id,
        created_time: '2027-01-15T08:00:00+0000',
        field_data: [{ name: 'full_name', values: ['Ada Lovelace'] }],
        form_id: '456',
        platform: 'fb',
        custom_disclaimer_responses: [{ checkbox_key: 'news', is_checked: '1' }],
      },
    });
  });

  it('are refused without a proof, with a wrong one, and when they do not exist', async () => {
    const id = await makeLead();
    const error = { code: 100, type: 'GraphMethodException' };
    expect(await graph(id, {}, { proof: null })).toMatchObject({ status: 400, body: { error } });
    expect(await graph(id, {}, { proof: 'f'.repeat(64) })).toMatchObject({ body: { error } });
    await sandbox.control('POST', '/meta/settings', { require_proof: false });
    expect(await graph(id, {}, { proof: null })).toMatchObject({ status: 200 });
    expect(await graph(id, {}, { proof: 'f'.repeat(64) })).toMatchObject({ body: { error } });
    expect(await graph('99', {})).toMatchObject({
      status: 400,
      body: { error: { ...error, error_subcode: 33 } },
    });
  });

  it('are refused to a dead token and to one that lacks leads_retrieval', async () => {
    const id = await makeLead();
    await sandbox.control('PUT', '/meta/tokens', { access_token: TOKEN, is_valid: false });
    expect(await graph(id)).toMatchObject({ status: 401, body: { error: { code: 190 } } });
    await sandbox.control('PUT', '/meta/tokens', { access_token: TOKEN, scopes: [] });
    expect(await graph(id)).toMatchObject({ status: 403, body: { error: { code: 200 } } });
  });

  it('of a form come newest first, filtered by time, a page at a time, each once', async () => {
    const ids: string[] = [];
    for (let at = 100; at < 107; at += 1) ids.push(await makeLead({ created_time: at }));
    const filtering = JSON.stringify([
      { field: 'time_created', operator: 'GREATER_THAN', value: 101 },
    ]);
    const page = z.object({
      data: z.array(z.object({ id: z.string() })),
      paging: z.object({ next: z.string().optional() }),
    });
    const seen: string[] = [];
    let next: string | undefined =
      `${sandbox.url}/v25.0/456/leads?${new URLSearchParams({ filtering, limit: '2', access_token: TOKEN })}`;
    while (next !== undefined) {
      const response = await fetch(`${next}&appsecret_proof=${PROOF}`);
      const { data, paging } = page.parse(await response.json());
      seen.push(...data.map(({ id }) => id));
      next = paging.next;
    }
    expect(seen).toEqual(ids.slice(2).toReversed());
  });
});

describe('lead webhooks', () => {
  it('are signed, once a copy, and hold the id as a string', async () => {
    const id = await makeLead({ notify: true, copies: 3 });
    await vi.waitFor(() => expect(sandbox.received).toHaveLength(3), 3_000);
    for (const { body, signature } of sandbox.received) {
      const hash = createHmac('sha256', APP_SECRET).update(body).digest('hex');
      expect(signature).toBe(`sha256=${hash}`);
      expect(body).toContain(`"leadgen_id":"${id}"`);
    }
  });

  it('hold ids as integers that JSON.parse corrupts when asked', async () => {
    const id = await makeLead({ notify: true, numeric_ids: true, page_id: '17841400000000001' });
    await vi.waitFor(() => expect(sandbox.received).toHaveLength(1), 3_000);
    const [{ body } = { body: '' }] = sandbox.received;
    expect(body).toContain(`"leadgen_id":${id}`);
    expect(body).toContain('"page_id":17841400000000001');
    expect(String(Number(id))).not.toBe(id);
  });

  it('are dropped by the share asked for, and not sent without notify', async () => {
    await makeLead();
    await sandbox.control('PATCH', '/webhooks/behaviour', { leads: { drop_rate: 1 } });
    await makeLead({ notify: true });
    expect(await sandbox.control('GET', '/webhooks')).toEqual({ data: [] });
  });

  it('of any shape are signed and sent by hand, and the gateway’s answer is told', async () => {
    sandbox.answerWith(418);
    const response = await fetch(`${sandbox.url}/_sandbox/webhooks`, {
      method: 'POST',
      body: '{"object":"page","entry":[{"id":9007199254740993}]}',
    });
    const answer: unknown = await response.json();
    sandbox.answerWith(200);
    expect(answer).toEqual({ gateway_status: 418 });
    expect(sandbox.received[0]?.body).toBe('{"object":"page","entry":[{"id":9007199254740993}]}');
  });
});

describe('subscriptions', () => {
  it('of a page are shown once made, and gone once removed', async () => {
    const path = '123/subscribed_apps';
    expect(await graph(path)).toMatchObject({ body: { data: [] } });
    await graph(path, { subscribed_fields: 'leadgen' }, { method: 'POST' });
    expect(await graph(path)).toMatchObject({
      body: { data: [{ subscribed_fields: ['leadgen'] }] },
    });
    await graph(path, {}, { method: 'DELETE' });
    expect(await graph(path)).toMatchObject({ body: { data: [] } });
  });

  it('of an app need a callback that passes the handshake', async () => {
    const callback = z.object({ ok: z.boolean() });
    expect(callback.parse(await sandbox.control('POST', '/meta/handshake')).ok).toBe(true);
    const subscribe = (verifyToken: string, url: string) =>
      graph(
        '1/subscriptions',
        { object: 'page', callback_url: url, fields: 'leadgen', verify_token: verifyToken },
        { method: 'POST', token: '1|secret', proof: null },
      );
    // The sandbox itself knows no handshake: a callback that answers something else.
    expect(await subscribe(VERIFY_TOKEN, `${sandbox.url}/health`)).toMatchObject({
      status: 400,
      body: { error: { code: 2200 } },
    });
  });

  it('and what else Graph has is refused as unknown, not taken for a wrong address', async () => {
    expect(await graph('123/photos')).toMatchObject({
      status: 400,
      body: { error: { code: 2_500 } },
    });
  });

  it('debug_token tells what a token may do', async () => {
    await sandbox.control('PUT', '/meta/tokens', {
      access_token: 'weak',
      scopes: ['pages_show_list'],
      type: 'PAGE',
    });
    expect(await graph('debug_token', { input_token: 'weak' })).toMatchObject({
      body: { data: { is_valid: true, type: 'PAGE', scopes: ['pages_show_list'] } },
    });
  });
});
