import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDeliveryKit, type DeliveryKit } from '../testing/kit.ts';

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

test('a committed lead reaches WhatsApp and the sheet, with a row for each attempt', async () => {
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
  const { rows: events } = await kit.pool.query(
    `SELECT data FROM events WHERE kind = 'delivery.updated'`,
  );
  expect(events.map(({ data }) => data.status)).toEqual(['delivered', 'delivered']);
});
