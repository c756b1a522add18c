import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { storePayload } from '../../../lib/db/payload.ts';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';

let kit: DeliveryKit;

beforeEach(async () => {
  kit = await startDeliveryKit();
});

afterEach(async () => {
  await kit.drop();
});

const allAre = (status: string, count: number) => async () =>
  (await kit.deliveries('status = $1', [status])).length === count;

/** A lead as an older version stored it: whatever it was sent, however deep. */
async function storedLead(payload: string, consent: string | null = null): Promise<string> {
  const id = newId();
  await kit.pool.query(
    `INSERT INTO leads (id, client_id, name, phone, phone_valid, source, raw_payload, consent,
       created_at, updated_at)
     VALUES ($1, 'acme', 'Deep', '+4915123456789', true, 'website', CAST($2 AS jsonb),
       CAST($3 AS jsonb), now(), now())`,
    [id, payload, consent],
  );
  await kit.pool.query(
    `INSERT INTO events (client_id, lead_id, kind) VALUES ('acme', $1, 'lead.created')`,
    [id],
  );
  return id;
}

const NESTED = '['.repeat(15_000) + ']'.repeat(15_000);

describe('a lead nested 15 000 deep', () => {
  test('reaches the sheet and WhatsApp, as do those claimed with it', async () => {
    await kit.client('acme');
    const deep = await storedLead(`{"a": ${NESTED}, "city": "Köln"}`, `{"text": ${NESTED}}`);
    await kit.leads('acme', 8);
    await kit.worker();
    await kit.until(allAre('delivered', 18));
    expect(kit.providers.messages).toHaveLength(9);
    expect(kit.providers.rows.slice(1).map(([id]) => id)).toContain(deep);
  });
});

test('numbers stand in the sheet with every digit that was sent', async () => {
  await kit.client('acme', { whatsapp: false });
  const columns = ['lead_id', 'evil', 'tiny', 'city'];
  await kit.pool.query(
    `UPDATE destination_versions SET settings = jsonb_set(settings, '{columns}', $1)`,
    [JSON.stringify(columns)],
  );
  await storedLead(
    '{"evil": 12345678901234567890, "tiny": 1.00000000000000000001, "city": "=1+1"}',
  );
  // As ingestion keeps what jsonb would spell otherwise, or what is nested too deep.
  await storedLead(storePayload(`{"evil":1e400,"city":"Bonn","tiny":1,"deep":${NESTED}}`));
  await kit.worker();
  await kit.until(allAre('delivered', 2));
  expect(kit.providers.rows.slice(1).map((row) => row.slice(1))).toEqual([
    ['12345678901234567890', '1.00000000000000000001', '=1+1'],
    ['1e400', '1', 'Bonn'],
  ]);
});

test('a row that Google refuses fails alone, with Google’s own words', async () => {
  await kit.client('acme', { whatsapp: false });
  const { ids } = await kit.leads('acme', 4);
  const [, bad] = ids;
  kit.providers.onAppend((rows) =>
    rows.some(([id]) => id === bad)
      ? {
          status: 400,
          body: {
            error: { code: 400, status: 'INVALID_ARGUMENT', message: 'Invalid values[1][0]: no' },
          },
        }
      : undefined,
  );
  await kit.worker();
  await kit.until(allAre('delivered', 3), 20_000);
  const [failed] = await kit.deliveries(`status = 'failed'`);
  expect(failed).toMatchObject({
    lead_id: bad,
    last_error_code: 'INVALID_ARGUMENT',
    last_error_message: 'Google refuses the row of this lead: Invalid values[1][0]: no',
  });
  const { rows: lanes } = await kit.pool.query('SELECT held_at FROM lanes');
  expect(lanes).toEqual([{ held_at: null }]);
}, 30_000);

test('a delivery that this version cannot read fails alone', async () => {
  await kit.client('acme', { whatsapp: false });
  await kit.pool.query(`UPDATE clients SET status = 'suspended'`);
  await kit.leads('acme', 3);
  await kit.worker();
  await kit.until(allAre('pending', 3));
  const [first] = await kit.deliveries();
  await kit.pool.query(
    `INSERT INTO destination_versions (client_id, destination_id, version, settings)
     SELECT client_id, id, 7, '{"v": 1}' FROM destinations WHERE kind = 'google_sheets'`,
  );
  await kit.pool.query('UPDATE deliveries SET settings_version = 7 WHERE id = $1', [first?.id]);
  await kit.pool.query(`UPDATE clients SET status = 'active'`);
  await kit.until(allAre('delivered', 2));
  expect(await kit.deliveries(`status = 'failed'`)).toMatchObject([
    { id: first?.id, last_error_code: 'unreadable' },
  ]);
});

describe('a claim whose worker was lost', () => {
  const lose = (losses: number) =>
    kit.pool.query(
      `UPDATE deliveries SET status = 'delivering', lease = gen_random_uuid(), losses = $1, is_begun = true,
         leased_until = now() - interval '1 second', next_attempt_at = NULL, attempts = attempts + 1`,
      [losses],
    );
  const prepare = async (losses: number) => {
    await kit.client('acme', { whatsapp: false });
    await kit.pool.query(`UPDATE clients SET status = 'suspended'`);
    await kit.leads('acme', 3);
    const worker = await kit.worker();
    await kit.until(allAre('pending', 3));
    await worker.stop();
    await lose(losses);
    await kit.pool.query(`UPDATE clients SET status = 'active'`);
    const sizes: number[] = [];
    kit.providers.onAppend((rows) => void sizes.push(rows.length));
    await kit.worker();
    return sizes;
  };

  test('once is sent again as it was', async () => {
    const sizes = await prepare(0);
    await kit.until(allAre('delivered', 3));
    expect(sizes).toEqual([3]);
  });

  test('twice is sent row by row', async () => {
    const sizes = await prepare(1);
    await kit.until(allAre('delivered', 3));
    expect(sizes).toEqual([1, 1, 1]);
  });

  test('again and again, alone as well, fails and says so', async () => {
    await prepare(3);
    await kit.until(allAre('failed', 3));
    const [failed] = await kit.deliveries();
    expect(failed).toMatchObject({ last_error_code: 'worker_lost', is_doubtful: true });
    expect(failed?.last_error_message).toContain('it may be the lead that stops it');
    expect(kit.providers.rows).toEqual([]);
  });
});
