import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../../../lib/db/database.ts';
import { allClients } from '../../../../lib/db/scope.ts';
import type { OptWord } from '../../../../lib/providers/meta/opt-out.ts';
import { startDeliveryKit, type DeliveryKit } from '../../testing/kit.ts';
import { applyWord } from './words.ts';

let kit: DeliveryKit;
let database: Database;

const PHONE = '+4915123456789';
const MINUTE_MS = 60_000;
const NOON = Date.parse('2026-11-24T12:00:00Z');

beforeEach(async () => {
  kit = await startDeliveryKit();
  const as = { role: 'leadctl_worker', applicationName: 'test', poolMax: 1 } as const;
  database = createDatabase({ ...as, url: kit.url });
  await kit.client('acme');
  await kit.client('other');
});

afterEach(async () => {
  await database.stop();
  await kit.drop();
});

const say = (word: OptWord, minute: number, over: { from?: string; number?: string } = {}) =>
  database.inTransaction(allClients('a test'), (unit) =>
    applyWord(unit, {
      messageId: `wamid.${word}.${minute}`,
      phoneNumberId: over.number ?? 'number-acme',
      from: over.from ?? PHONE,
      word,
      at: new Date(NOON + minute * MINUTE_MS),
    }),
  );

const suppressed = async () => {
  const { rows } = await kit.pool.query<{ client_id: string; address: string }>(
    'SELECT client_id, address FROM suppressions WHERE lifted_at IS NULL ORDER BY client_id',
  );
  return rows.map((row) => `${row.client_id} ${row.address}`);
};

describe('STOP', () => {
  test('suppresses the number at the client whose number it came to', async () => {
    expect(await say('stop', 0)).toBe('applied');
    expect(await say('stop', 1)).toBe('stale');
    expect(await suppressed()).toEqual([`acme ${PHONE}`]);
    expect(await say('stop', 0, { number: 'nobody' })).toBe('unknown');
  });

  test('to a number that the client has given up counts as well', async () => {
    await kit.leads('acme', 1);
    await kit.worker();
    await kit.until(async () => (await kit.deliveries(`status = 'delivered'`)).length === 2);
    await kit.pool.query(
      `UPDATE destinations SET settings = jsonb_set(settings, '{phone_number_id}', '"new"') WHERE kind = 'whatsapp'`,
    );
    expect(await say('stop', 0)).toBe('applied');
    expect(await suppressed()).toEqual([`acme ${PHONE}`]);
  });

  test.each([
    ['Mexico', '+5215512345678', '+525512345678'],
    ['Argentina', '+5491123456789', '+541123456789'],
    ['Brazil', '+551187654321', '+5511987654321'],
  ])('counts for the number that WhatsApp spells otherwise: %s', async (_where, from, phone) => {
    await say('stop', 0, { from });
    await kit.leads('acme', 1, { phone });
    await kit.worker();
    await kit.until(async () => (await kit.deliveries(`status = 'skipped'`)).length === 1);
    expect(kit.providers.messages).toEqual([]);
  });
});

describe('START', () => {
  test('lifts what the recipient said, and a later STOP counts again', async () => {
    await say('stop', 0);
    expect(await say('start', 1)).toBe('applied');
    expect(await suppressed()).toEqual([]);
    expect(await say('stop', 2)).toBe('applied');
    expect(await suppressed()).toEqual([`acme ${PHONE}`]);
  });

  test('that was said after a STOP stands, whichever comes first', async () => {
    await say('start', 1);
    expect(await say('stop', 0)).toBe('stale');
    expect(await suppressed()).toEqual([]);
    await say('stop', 3);
    expect(await say('start', 2)).toBe('stale');
    expect(await suppressed()).toEqual([`acme ${PHONE}`]);
  });

  test('does not lift what the client noted', async () => {
    await kit.pool.query(
      `INSERT INTO suppressions (id, client_id, channel, address, made_by, said_at)
       VALUES (gen_random_uuid(), 'acme', 'whatsapp', $1, 'operator', now())`,
      [PHONE],
    );
    await say('stop', 0);
    expect(await say('start', 10)).toBe('stale');
    expect(await suppressed()).toEqual([`acme ${PHONE}`]);
  });
});
