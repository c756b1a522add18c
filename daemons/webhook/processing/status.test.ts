import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { startProcessingKit, type ProcessingKit } from '../testing/processing.ts';

let kit: ProcessingKit;

beforeAll(async () => {
  kit = await startProcessingKit();
});
afterAll(() => kit.stop());

test('message statuses reach their deliveries whatever their order, each once', async () => {
  const [deliveryId, foreign] = [newId(), newId()];
  kit.deliveries.add(deliveryId);
  const change = (status: string, callbackData: string, id = 'wamid.9') => ({
    field: 'messages',
    value: {
      statuses: [{ id, status, timestamp: '1772366400', biz_opaque_callback_data: callbackData }],
    },
  });
  for (const status of ['read', 'sent', 'delivered', 'sent']) {
    await kit.post({
      object: 'whatsapp_business_account',
      entry: [{ id: '9', changes: [change(status, deliveryId)] }],
    });
  }
  await kit.post({
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '9',
        changes: [change('read', foreign, 'wamid.8'), change('read', 'not ours', 'wamid.7')],
      },
    ],
  });
  await kit.work();
  expect(kit.statuses.map(({ status }) => status).toSorted()).toEqual([
    'delivered',
    'read',
    'read',
    'read',
    'sent',
  ]);
  expect(kit.statuses[0]).toMatchObject({
    messageId: 'wamid.9',
    at: new Date('2026-03-01T12:00:00Z'),
    error: null,
  });
  expect(new Set(kit.statuses.map((each) => each.deliveryId))).toEqual(
    new Set([deliveryId, foreign, null]),
  );
  const events = await kit.rows(
    "SELECT dedupe_key, status FROM webhook_events WHERE dedupe_key LIKE 'whatsapp:%' ORDER BY 1",
  );
  expect(events).toEqual([
    { dedupe_key: 'whatsapp:wamid.7:read', status: 'ignored' },
    { dedupe_key: 'whatsapp:wamid.8:read', status: 'ignored' },
    { dedupe_key: 'whatsapp:wamid.9:delivered', status: 'processed' },
    { dedupe_key: 'whatsapp:wamid.9:read', status: 'processed' },
    { dedupe_key: 'whatsapp:wamid.9:sent', status: 'processed' },
  ]);
});
