import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { never, startProcessingKit, type ProcessingKit } from '../testing/processing.ts';

let kit: ProcessingKit;

beforeAll(async () => {
  kit = await startProcessingKit();
});
afterAll(() => kit.stop());

const textOf = (body: string) => ({ type: 'text', text: { body } });

function inbound(messages: readonly object[], number: unknown = '1555'): object {
  const metadata = { display_phone_number: '15550000', phone_number_id: number };
  const value = { messaging_product: 'whatsapp', metadata, messages };
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: '9', changes: [{ field: 'messages', value }] }],
  };
}

const message = (said: object) => ({
  id: `wamid.${newId()}`,
  from: '4915123456789',
  timestamp: '1790000000',
  ...said,
});

const wordsFrom = async (body: object) => {
  kit.words.splice(0);
  expect(await kit.post(body)).toBe(200);
  await kit.work();
  return kit.words;
};

test('a message that is STOP alone is handed on, with whom it came from and which number it came to', async () => {
  expect(await wordsFrom(inbound([message(textOf(' Stop! '))]))).toMatchObject([
    {
      word: 'stop',
      from: '+4915123456789',
      phoneNumberId: '1555',
      at: new Date(1_790_000_000_000),
    },
  ]);
});

test('a button or a reply of that name counts, and so does START', async () => {
  const chosen = [
    message({ type: 'button', button: { text: 'Stop', payload: 'x' } }),
    message({ type: 'interactive', interactive: { button_reply: { id: '1', title: 'START' } } }),
  ];
  const words = await wordsFrom(inbound(chosen, 1555));
  expect(words.map(({ word }) => word).toSorted()).toEqual(['start', 'stop']);
});

test('the same message counts once, however often it is sent', async () => {
  const body = inbound([message(textOf('STOP'))]);
  expect(await wordsFrom(body)).toHaveLength(1);
  expect(await wordsFrom(body)).toEqual([]);
});

test('of any other message nothing is kept but the post', async () => {
  const before = await kit.rows('SELECT id FROM webhook_events');
  const said = [textOf('Please do not stop'), { type: 'image', image: {} }, textOf('')];
  expect(await wordsFrom(inbound(said.map(message)))).toEqual([]);
  const after = await kit.rows('SELECT value, status FROM webhook_events');
  expect(after).toHaveLength(before.length + 1);
  expect(JSON.stringify(after)).not.toContain('do not stop');
});

test('statuses beside messages are handed on as well', async () => {
  kit.statuses.splice(0);
  const status = { id: 'wamid.s', status: 'read', timestamp: '1790000000' };
  const body = inbound([message(textOf('STOP'))]);
  const value = { ...Object(body).entry[0].changes[0].value, statuses: [status] };
  const both = {
    object: 'whatsapp_business_account',
    entry: [{ id: '9', changes: [{ field: 'messages', value }] }],
  };
  expect(await wordsFrom(both)).toHaveLength(1);
  expect(kit.statuses).toMatchObject([{ messageId: 'wamid.s', status: 'read' }]);
});

test.each([
  ['no metadata', { messages: [message(textOf('STOP'))] }],
  [
    'a sender that is no number',
    { metadata: { phone_number_id: '1' }, messages: [message({ ...textOf('STOP'), from: 'x' })] },
  ],
  [
    'messages that are none',
    { metadata: { phone_number_id: '1' }, messages: [null, 7, 'STOP', {}] },
  ],
])('a change with %s does no harm', async (_what, value) => {
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: '9', changes: [{ field: 'messages', value }] }],
  };
  expect(await wordsFrom(body)).toEqual([]);
});

test('a person’s word waits for no status, however many came before it', async () => {
  const statuses = Array.from({ length: 100 }, (_none, index) => ({
    id: `wamid.before.${index}`,
    status: 'read',
    timestamp: '1790000000',
  }));
  const value = { messaging_product: 'whatsapp', statuses };
  const changes = [{ field: 'messages', value }];
  await kit.post({ object: 'whatsapp_business_account', entry: [{ id: '9', changes }] });
  await kit.post(inbound([message(textOf('STOP'))]));
  kit.words.splice(0);
  expect(await kit.processor.run('words', never)).toBe(1);
  expect(kit.words).toHaveLength(1);
  const waiting = await kit.rows("SELECT id FROM webhook_events WHERE status = 'received'");
  expect(waiting).toHaveLength(100);
});
