import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDeliveryKit, type DeliveryKit } from '../../testing/kit.ts';

let kit: DeliveryKit;

beforeEach(async () => {
  kit = await startDeliveryKit();
});

afterEach(async () => {
  await kit.drop();
});

test('a first tab that is renamed meanwhile still takes its rows', async () => {
  await kit.client('acme', { whatsapp: false });
  await kit.worker();
  const delivered = (count: number) => async () =>
    (await kit.deliveries(`status = 'delivered'`)).length === count;
  await kit.leads('acme', 1);
  await kit.until(delivered(1));
  kit.providers.renameTab('Leads of 2026');
  await kit.leads('acme', 1);
  await kit.until(delivered(2));
  expect(kit.providers.rows).toHaveLength(3);
  const [, second] = await kit.deliveries();
  expect(second?.provider_reference).toBe('Leads of 2026!3');
});
