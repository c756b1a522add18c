import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { createDatabase, type Database } from '../../../lib/db/database.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';
import type { WhatsAppStatus } from '../../../lib/providers/meta/message-status.ts';
import { applyWhatsAppStatus } from '../kinds/whatsapp/statuses.ts';

let kit: DeliveryKit;

beforeEach(async () => {
  kit = await startDeliveryKit();
});

afterEach(async () => {
  await kit.drop();
});

const allAre = (status: string, count: number) => async () => {
  const rows = await kit.deliveries('status = $1', [status]);
  return rows.length === count;
};

const SHEETS = { whatsapp: false };
const WHATSAPP = { sheets: false };

test('a committed lead reaches WhatsApp and the sheet, each attempt on record', async () => {
  await kit.client('acme');
  await kit.worker();
  const { ids } = await kit.leads('acme', 1);
  await kit.until(allAre('delivered', 2));
  expect(kit.providers.messages).toHaveLength(1);
  expect(kit.providers.rows).toHaveLength(2);
  expect(kit.providers.rows[1]?.[0]).toBe(ids[0]);
  const { rows } = await kit.pool.query(
    'SELECT outcome, number, request, duration_ms FROM delivery_attempts ORDER BY id',
  );
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row).toMatchObject({ outcome: 'delivered', number: 1 });
  expect(JSON.stringify(rows)).not.toContain('49151');
  const { rows: events } = await kit.pool.query(
    `SELECT data FROM events WHERE kind = 'delivery.updated'`,
  );
  expect(events.map(({ data }) => data.status)).toEqual(['delivered', 'delivered']);
});

test('spam, and a lead erased before its turn, go nowhere', async () => {
  await kit.client('acme');
  await kit.leads('acme', 1, { status: 'spam' });
  const { ids } = await kit.leads('acme', 1);
  await kit.pool.query('UPDATE leads SET erased_at = now() WHERE id = $1', [ids[0]]);
  const { ids: sent } = await kit.leads('acme', 1);
  await kit.worker();
  await kit.until(allAre('delivered', 2));
  expect(new Set((await kit.deliveries()).map((row) => row.lead_id))).toEqual(new Set(sent));
});

test.each([
  ['no phone', { phone: null }],
  ['a phone that cannot be parsed', { phone: 'call me', phone_valid: false }],
])(
  'a lead with %s is skipped at WhatsApp for want of a recipient and still reaches the sheet',
  async (_, lead) => {
    await kit.client('acme');
    await kit.worker();
    await kit.leads('acme', 1, lead);
    await kit.until(allAre('delivered', 1));
    await kit.until(allAre('skipped', 1));
    const [skipped] = await kit.deliveries(`status = 'skipped'`);
    expect(skipped).toMatchObject({ kind: 'whatsapp', last_error_code: 'no_recipient' });
    expect(kit.providers.messages).toEqual([]);
  },
);

describe('two workers', () => {
  test('send no message twice and append no row twice', { timeout: 30_000 }, async () => {
    await kit.client('acme');
    await kit.client('other');
    await Promise.all([kit.worker(), kit.worker()]);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([kit.leads('acme', 20), kit.leads('other', 20)]);
    }
    await kit.until(allAre('delivered', 400), 25_000);
    const sent = kit.providers.messages.map((message) => message.callbackData);
    expect(sent).toHaveLength(200);
    expect(new Set(sent).size).toBe(200);
    const written = kit.providers.rows.slice(1).map(([id]) => id);
    expect(written).toHaveLength(200);
    expect(new Set(written).size).toBe(200);
  });

  test('one takes over what the other was stopped in', { timeout: 20_000 }, async () => {
    await kit.client('acme', WHATSAPP);
    const first = await kit.worker();
    await kit.leads('acme', 150);
    await kit.until(() => kit.providers.messages.length > 5);
    await first.stop();
    expect(await kit.deliveries(`status IN ('delivering', 'unknown')`)).toEqual([]);
    await kit.worker();
    await kit.until(allAre('delivered', 150));
    expect(kit.providers.messages).toHaveLength(150);
  });
});

describe('a worker that died between sending and writing it down', () => {
  const crashed = async (kind: string) => {
    await kit.pool.query(
      `UPDATE deliveries SET status = 'delivering', lease = gen_random_uuid(),
         leased_until = now() - interval '1 second', attempts = 1, round_attempts = 1,
         round_started_at = now(), is_begun = true, next_attempt_at = NULL, delivered_at = NULL,
         provider_reference = NULL, provider_status = NULL WHERE kind = $1`,
      [kind],
    );
  };

  test('leaves an unknown message that is not sent again', async () => {
    await kit.client('acme', WHATSAPP);
    const worker = await kit.worker();
    await kit.leads('acme', 1);
    await kit.until(allAre('delivered', 1));
    await worker.stop();
    await crashed('whatsapp');
    await kit.worker();
    await kit.until(allAre('unknown', 1));
    expect((await kit.deliveries())[0]).toMatchObject({ is_doubtful: true });
    expect(kit.providers.messages).toHaveLength(1);
  });

  test('leaves a row that is looked for and found', async () => {
    await kit.client('acme', SHEETS);
    const worker = await kit.worker();
    await kit.leads('acme', 1);
    await kit.until(allAre('delivered', 1));
    await worker.stop();
    await crashed('google_sheets');
    await kit.worker();
    await kit.until(allAre('delivered', 1));
    expect((await kit.deliveries())[0]).toMatchObject({
      provider_status: 'found',
      provider_reference: 'Leads!2',
    });
    expect(kit.providers.rows).toHaveLength(2);
  });
});

test(
  '1 000 leads to one sheet: few calls, no row lost or doubled though a tenth hang',
  { timeout: 60_000 },
  async () => {
    await kit.client('acme', SHEETS);
    await kit.worker({ timeoutMs: 300 });
    let hung = 0;
    kit.providers.onAppend(() => {
      if (kit.providers.appends % 3 !== 1) return undefined;
      hung += 1;
      return 'hang';
    });
    for (let round = 0; round < 20; round += 1) {
      await kit.leads('acme', 50);
      await sleep(150);
    }
    await kit.until(allAre('delivered', 1_000), 50_000);
    expect(hung).toBeGreaterThan(1);
    expect(kit.providers.appends).toBeLessThanOrEqual(20);
    const ids = kit.providers.rows.slice(1).map(([id]) => id);
    expect(ids).toHaveLength(1_000);
    expect(new Set(ids).size).toBe(1_000);
  },
);

describe('WhatsApp statuses', () => {
  let database: Database;

  beforeEach(() => {
    database = createDatabase({
      url: kit.url,
      role: 'leadctl_worker',
      applicationName: 'test',
      poolMax: 1,
    });
  });

  afterEach(async () => {
    await database.stop();
  });

  const apply = async (status: Partial<WhatsAppStatus>) => {
    const [message] = kit.providers.messages;
    return database.inTransaction(clientScope(clientIdSchema.parse('acme')), (unit) =>
      applyWhatsAppStatus(unit, {
        messageId: message?.id ?? '',
        deliveryId: message?.callbackData ?? null,
        status: 'sent',
        at: new Date(),
        error: null,
        ...status,
      }),
    );
  };

  test(
    '500 sends, 5 % hung after acceptance: none twice, each resolved by its status',
    { timeout: 60_000 },
    async () => {
      await kit.client('acme', WHATSAPP);
      await kit.worker({ timeoutMs: 500 });
      let calls = 0;
      kit.providers.onMessage(() => ((calls += 1) % 20 === 0 ? 'hang' : undefined));
      await kit.leads('acme', 500);
      await kit.until(allAre('unknown', 25), 40_000);
      await kit.until(allAre('delivered', 475), 40_000);
      for (const message of kit.providers.messages) {
        await apply({ messageId: message.id, deliveryId: message.callbackData, status: 'sent' });
      }
      await kit.until(allAre('delivered', 500));
      expect(new Set(kit.providers.messages.map((one) => one.callbackData)).size).toBe(500);
      expect(kit.providers.messages).toHaveLength(500);
    },
  );

  test('are ranked and never step back', async () => {
    await kit.client('acme', WHATSAPP);
    await kit.worker();
    await kit.leads('acme', 1);
    await kit.until(allAre('delivered', 1));
    expect(await apply({ status: 'read' })).toBe('applied');
    expect(await apply({ status: 'delivered' })).toBe('stale');
    expect(await apply({ status: 'failed', error: { code: '131026', message: 'x' } })).toBe(
      'stale',
    );
    expect((await kit.deliveries())[0]).toMatchObject({
      status: 'delivered',
      provider_status: 'read',
    });
    expect(await apply({ messageId: 'wamid.other', deliveryId: null })).toBe('unknown');
  });

  test('that come while the call still hangs settle it', async () => {
    await kit.client('acme', WHATSAPP);
    await kit.worker({ timeoutMs: 600 });
    kit.providers.onMessage(() => 'hang');
    await kit.leads('acme', 1);
    await kit.until(() => kit.providers.messages.length === 1);
    expect(await apply({ status: 'sent' })).toBe('applied');
    await kit.until(allAre('delivered', 1));
    expect((await kit.deliveries())[0]).toMatchObject({
      provider_status: 'sent',
      is_doubtful: false,
    });
  });

  test('of a failure that may pass lead to another attempt, of a final one to none', async () => {
    await kit.client('acme', WHATSAPP);
    await kit.worker();
    await kit.leads('acme', 1);
    await kit.until(allAre('delivered', 1));
    await apply({ status: 'failed', error: { code: '131026', message: 'not on WhatsApp' } });
    expect((await kit.deliveries())[0]).toMatchObject({
      status: 'failed',
      last_error_code: '131026',
    });
  });
});

describe('a dead token', () => {
  test('holds its lane and no other, and burns no attempts while it is held', async () => {
    await kit.client('acme');
    await kit.client('other', WHATSAPP);
    kit.providers.onMessage(({ callbackData: _id, to }) =>
      to.endsWith('7') ? 'refuse' : undefined,
    );
    const { metrics } = await kit.worker();
    await kit.leads('acme', 3, { phone: '+4915123456787' });
    await kit.until(async () => (await kit.deliveries(`status = 'held'`)).length === 3);
    await kit.leads('acme', 2, { phone: '+4915123456787' });
    await kit.leads('other', 2, { phone: '+4915123456788' });
    await kit.until(allAre('held', 5));
    await kit.until(async () => (await kit.deliveries(`status = 'delivered'`)).length === 7);
    const held = await kit.deliveries(`status = 'held'`);
    expect(held.every((row) => row.last_error_code === '190' && row.attempts <= 1)).toBe(true);
    expect(held[0]?.last_error_message).toContain('set it as whatsapp.access_token');
    expect(await metrics.registry.metrics()).toContain(
      'lanes_held_total{integration="whatsapp",service="worker"} 1',
    );
  });
});

test(
  'a suspended client’s deliveries wait, and go out once it is active',
  { timeout: 15_000 },
  async () => {
    await kit.client('acme', WHATSAPP);
    await kit.pool.query(`UPDATE clients SET status = 'suspended'`);
    await kit.worker();
    await kit.leads('acme', 2);
    await kit.until(allAre('pending', 2));
    await kit.pool.query(`UPDATE clients SET status = 'active'`);
    await kit.until(allAre('delivered', 2));
    expect(kit.providers.messages).toHaveLength(2);
  },
);
