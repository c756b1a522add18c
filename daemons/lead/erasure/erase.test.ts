import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { systemClock } from '../../../lib/core/clock.ts';
import { createDatabase } from '../../../lib/db/database.ts';
import {
  aClient,
  aDestination,
  aMembership,
  type TestMembership,
} from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { createLeadWriter } from '../provided/writer.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';
import { findInDatabase } from '../testing/needles.ts';

let bench: LeadBench;
beforeAll(async () => {
  bench = await openLeadBench();
});
afterAll(() => bench.stop());

const NEEDLES = [
  'erase.me',
  'person.example',
  'Hopper',
  'Lovelace',
  '30901820',
  '4155550123',
  'wamid.HBgLNDkz',
];

const as = (member: TestMembership) => bench.daemon.client(asMember(member));

async function aDelivery(clientId: string, leadId: string, kind: string): Promise<void> {
  const id = newId();
  const { destinationId, laneKey } = await aDestination(bench.db, clientId, kind);
  await bench.db.query(
    `INSERT INTO deliveries (id, client_id, lead_id, destination_id, kind, lane_key, settings_version,
       status, attempts, last_error_code, last_error_message, provider_reference)
     VALUES ($1, $2, $3, $4, $5, $6, 1, 'failed', 1, '131026', 'No WhatsApp for +4930901820', $7)`,
    [
      id,
      clientId,
      leadId,
      destinationId,
      kind,
      laneKey,
      kind === 'whatsapp' ? WAMID : 'Sheet1!A5:F5',
    ],
  );
  await bench.db.query(
    `INSERT INTO delivery_attempts (client_id, delivery_id, number, outcome, code, message, request)
     VALUES ($1, $2, 1, 'failed', '131026', 'No WhatsApp for +4930901820', $3)`,
    [clientId, id, JSON.stringify({ to: '+49 30901820', parameters: ['Hopper'] })],
  );
  await bench.db.query(
    `INSERT INTO events (client_id, lead_id, kind, data) VALUES ($1, $2, 'delivery.updated', $3)`,
    [
      clientId,
      leadId,
      JSON.stringify({
        delivery_id: id,
        status: 'failed',
        message: 'No WhatsApp for +4930901820',
        provider_reference: kind === 'whatsapp' ? OLD_WAMID : 'Sheet1!A5:F5',
      }),
    ],
  );
}

const WAMID = 'wamid.HBgLNDkzMDkwMTgyMAA=';
const OLD_WAMID = 'wamid.HBgLNDkzOLDER=';

async function aWebhookEvent(given: {
  key: string;
  body: string;
  value: unknown;
  leadgenId?: string;
  leadId?: string;
  clientId?: string;
}): Promise<void> {
  const post = newId();
  await bench.db.query('INSERT INTO webhook_posts (id, body) VALUES ($1, $2)', [
    post,
    Buffer.from(given.body),
  ]);
  await bench.db.query(
    `INSERT INTO webhook_events (id, post_id, object, field, dedupe_key, leadgen_id, lead_id, value, status, client_id)
     VALUES ($1, $2, 'page', 'leadgen', $3, $4, $5, $6, 'processed', $7)`,
    [
      newId(),
      post,
      given.key,
      given.leadgenId,
      given.leadId,
      JSON.stringify(given.value),
      given.clientId,
    ],
  );
}

test('nothing in the whole database says any more who it was', async () => {
  const client = await aClient(bench.db, { defaultCountry: 'DE' });
  const rep = await aMembership(bench.db, { client });
  const key = await bench.keyFor(client);
  const reference = 'erase.me@person.example';
  const sent = {
    name: 'Grace Hopper',
    email: 'erase.me@person.example',
    phone: '030 901820',
    source: 'erase.me@person.example',
    lead_reference_id: reference,
    product_id: 'Hopper',
    consent: { text: 'Grace Hopper agrees' },
  };
  const first = await bench.postLead(key, sent, { 'idempotency-key': `order ${reference}` });
  expect(first.status).toBe(201);
  const id = String(first.body['id']);
  expect((await bench.postLead(key, sent)).body['duplicate']).toBe(true);
  const at = { client_id: client.clientId, lead_id: id };
  const body = { name: 'Ada Lovelace', phone: '+1 415 555 0123' };
  expect((await as(rep).call('updateLead', { params: at, body })).ok).toBe(true);
  await aDelivery(client.clientId, id, 'whatsapp');
  await aDelivery(client.clientId, id, 'google_sheets');
  for (const wamid of [WAMID, OLD_WAMID]) {
    await aWebhookEvent({
      key: `whatsapp:${wamid}:read`,
      body: JSON.stringify({ id: wamid, recipient_id: '4930901820' }),
      value: { message_id: wamid, status: 'read' },
    });
  }
  for (const from of ['+4930901820', '+14155550123']) {
    const wamid = `wamid.HBgLNDkzFROM${from}`;
    await aWebhookEvent({
      key: `whatsapp:in:${wamid}`,
      body: JSON.stringify({ id: wamid, from, text: { body: 'STOP' } }),
      value: { message_id: wamid, from, word: 'stop', phone_number_id: '1', at: 1 },
    });
  }
  // So that the test shows that it can find them.
  expect((await findInDatabase(bench.db, NEEDLES)).length).toBeGreaterThan(8);

  expect((await as(rep).call('eraseLead', { params: at })).ok).toBe(true);

  expect(await findInDatabase(bench.db, NEEDLES)).toEqual([]);
  const left = await as(rep).call('getLead', { params: at });
  expect(left).toMatchObject({
    ok: true,
    body: { source: 'erased', lead_reference_id: null, warnings: [], raw_payload: {} },
  });
  const timeline = await as(rep).call('leadTimeline', { params: at });
  if (!timeline.ok) throw new Error(timeline.problem.detail);
  expect(timeline.body.map(({ kind }) => kind)).toEqual([
    'received',
    'duplicate',
    'corrected',
    'delivery.failed',
    'delivery.failed',
    'erased',
  ]);
  expect(timeline.body[2]?.detail).toEqual({ name: 'erased', phone: 'erased' });
  // A sheet's row stays findable: it has to be deleted there by hand.
  const { rows } = await bench.db.query(
    'SELECT kind, provider_reference FROM deliveries WHERE lead_id = $1 ORDER BY 1',
    [id],
  );
  expect(rows).toEqual([
    { kind: 'google_sheets', provider_reference: 'Sheet1!A5:F5' },
    { kind: 'whatsapp', provider_reference: null },
  ]);
});

test('what others wrote, and what was not heeded yet, stays', async () => {
  const client = await aClient(bench.db);
  const key = await bench.keyFor(client);
  const { body } = await bench.postLead(key, { name: 'A', phone: '+4930555111' });
  const word = (from: string) => ({ message_id: from, from, word: 'stop' });
  await aWebhookEvent({ key: 'whatsapp:in:other', body: 'other', value: word('+4930555112') });
  await aWebhookEvent({ key: 'whatsapp:in:new', body: 'new', value: word('+4930555111') });
  await bench.db.query(
    "UPDATE webhook_events SET status = 'received' WHERE dedupe_key = 'whatsapp:in:new'",
  );
  const params = { client_id: client.clientId, lead_id: String(body['id']) };
  expect(await bench.daemon.client(asAdmin()).call('eraseLead', { params })).toMatchObject({
    status: 204,
  });
  const { rows } = await bench.db.query(
    `SELECT value ->> 'from' AS sender FROM webhook_events WHERE dedupe_key LIKE 'whatsapp:in:%'
     ORDER BY 1`,
  );
  expect(rows).toEqual([{ sender: '+4930555111' }, { sender: '+4930555112' }]);
});

test('a source that is a plain label stays', async () => {
  const client = await aClient(bench.db);
  const rep = await aMembership(bench.db, { client });
  const key = await bench.keyFor(client);
  const kept = async (source: string) => {
    const { body } = await bench.postLead(key, { name: 'A', source });
    const params = { client_id: client.clientId, lead_id: String(body['id']) };
    await as(rep).call('eraseLead', { params });
    const left = await as(rep).call('getLead', { params });
    return left.ok ? left.body.source : left.problem.code;
  };
  expect(await kept('summer-fair_24')).toBe('summer-fair_24');
  for (const source of ['a@b.example', '+49 30 901820', 'x4930901820', 'Ada from next door']) {
    expect(await kept(source)).toBe('erased');
  }
});

test('a second time is no failure and leaves no second trace; nothing can be written to it', async () => {
  const client = await aClient(bench.db);
  const rep = await aMembership(bench.db, { client });
  const created = await as(rep).call('createLead', {
    params: { client_id: client.clientId },
    body: { name: 'Twice' },
  });
  if (!created.ok) throw new Error(created.problem.detail);
  const params = { client_id: client.clientId, lead_id: created.body.id };
  const erase = () => as(rep).call('eraseLead', { params });
  expect((await Promise.all([erase(), erase(), erase()])).map(({ ok }) => ok)).toEqual([
    true,
    true,
    true,
  ]);
  const { rows } = await bench.db.query(
    `SELECT (SELECT count(*)::int FROM events WHERE lead_id = $1 AND kind = 'lead.erased') AS events,
       (SELECT count(*)::int FROM audit_log WHERE target_id = $1::text AND action = 'lead.erase') AS audits`,
    [created.body.id],
  );
  expect(rows).toEqual([{ events: 1, audits: 1 }]);
  for (const body of [{ name: 'Back' }, { status: 'won' as const }]) {
    const refused = await as(rep).call('updateLead', { params, body });
    expect(refused).toMatchObject({ ok: false, problem: { status: 409, code: 'conflict' } });
  }
});

test('a repeat of the request that made it gets the first answer, and brings nobody back', async () => {
  const client = await aClient(bench.db);
  const key = await bench.keyFor(client);
  const send = () => bench.postLead(key, { name: 'Once' }, { 'idempotency-key': 'once' });
  const first = await send();
  const params = { client_id: client.clientId, lead_id: String(first.body['id']) };
  await bench.daemon.client(asAdmin()).call('eraseLead', { params });
  const again = await send();
  expect([again.status, again.body]).toEqual([201, first.body]);
  const { rows } = await bench.db.query('SELECT name FROM leads WHERE client_id = $1', [
    client.clientId,
  ]);
  expect(rows).toEqual([{ name: null }]);
});

test('a lead that Meta tells of again after it was erased stays erased', async () => {
  const client = await aClient(bench.db);
  const database = createDatabase({
    url: bench.databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 1,
  });
  const writer = createLeadWriter({ database, clock: systemClock, announce: () => undefined });
  const told = {
    source: 'facebook',
    referenceId: '900719925474099300',
    name: 'Grace',
    email: null,
    phone: null,
    consent: null,
    rawPayload: {},
  };
  const sources = ['facebook', 'instagram'];
  const [made] = await writer.write(client.clientId, sources, [told]);
  if (made?.kind !== 'created') throw new Error('not created');
  await aWebhookEvent({
    key: `leadgen:${told.referenceId}`,
    body: 'post',
    value: { ad_id: 'from-the-ad' },
    leadgenId: told.referenceId,
    leadId: made.leadId,
    clientId: client.clientId,
  });
  const params = { client_id: client.clientId, lead_id: made.leadId };
  await bench.daemon.client(asAdmin()).call('eraseLead', { params });
  expect(await findInDatabase(bench.db, ['from-the-ad'])).toEqual([]);
  expect(await writer.write(client.clientId, sources, [{ ...told, source: 'instagram' }])).toEqual([
    { kind: 'existing', leadId: made.leadId },
  ]);
  expect((await writer.find(client.clientId, sources, [told.referenceId])).size).toBe(1);
  await database.stop();
});

test('erasing a lead with another client’s reference leaves that client’s webhook events alone', async () => {
  const client = await aClient(bench.db);
  await aWebhookEvent({
    key: 'leadgen:777000111',
    body: 'kept whole',
    value: { ad_id: 'theirs' },
    leadgenId: '777000111',
    leadId: newId(),
  });
  const admin = bench.daemon.client(asAdmin());
  const created = await admin.call('createLead', {
    params: { client_id: client.clientId },
    body: { name: 'Mallory', source: 'facebook', lead_reference_id: '777000111' },
  });
  if (!created.ok) throw new Error(created.problem.detail);
  const params = { client_id: client.clientId, lead_id: created.body.id };
  await admin.call('eraseLead', { params });
  expect(await findInDatabase(bench.db, ['theirs'])).toHaveLength(1);
  expect(await findInDatabase(bench.db, ['kept whole'])).toHaveLength(1);
});
