import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../lib/core/clock.ts';
import { createDatabase } from '../../lib/db/database.ts';
import { clientScope } from '../../lib/db/scope.ts';
import { eventsAreBy } from '../../lib/events/actor.ts';
import { appendEvent } from '../../lib/events/outbox.ts';
import {
  aClient,
  aMembership,
  aUser,
  type TestClient,
  type TestMembership,
} from '../../lib/testing/factories.ts';
import { anApiKey } from '../../lib/testing/lead-factories.ts';
import { asAdmin, asMember, asToken } from '../../lib/testing/identities.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import { createLeadWriter } from './provided/writer.ts';
import { openLeadBench, type LeadBench } from './testing/bench.ts';

let bench: LeadBench;
let client: TestClient;
let rep: TestMembership;
let repEmail: string;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
  const user = await aUser(bench.db);
  repEmail = user.email;
  rep = await aMembership(bench.db, { client, user });
});
afterAll(() => bench.stop());

const as = (who: UserIdentity = asMember(rep)) => bench.daemon.client(who);
const at = (id: string) => ({ client_id: client.clientId, lead_id: id });

async function entries(id: string, who: UserIdentity = asMember(rep)) {
  const timeline = await as(who).call('leadTimeline', { params: at(id) });
  if (!timeline.ok) throw new Error(timeline.problem.detail);
  return timeline.body.map(({ kind, actor }) => [kind, actor]);
}

test('a form’s lead and its repetition are by the API keys that sent them, by name', async () => {
  const one = await anApiKey(bench.db, { client, name: 'website' });
  const other = await anApiKey(bench.db, { client, name: 'landing page' });
  const lead = { name: 'Mia', lead_reference_id: 'r1' };
  const { body } = await bench.postLead(one.key, lead);
  await bench.postLead(other.key, lead);
  expect(await entries(String(body['id']))).toEqual([
    ['received', { kind: 'api_key', id: one.id, name: 'website' }],
    ['duplicate', { kind: 'api_key', id: other.id, name: 'landing page' }],
  ]);
});

test('a lead that a member enters shows its assignment, both by the member’s e-mail', async () => {
  const created = await as().call('createLead', {
    params: { client_id: client.clientId },
    body: { name: 'Mia', assigned_to_user_client_id: rep.id },
  });
  if (!created.ok) throw new Error(created.problem.detail);
  const actor = { kind: 'member', id: rep.userId, name: repEmail };
  expect(await entries(created.body.id)).toEqual([
    ['received', actor],
    ['assigned', actor],
  ]);
});

test('what a machine token does is told by its name', async () => {
  const token = asToken({ role: rep });
  const created = await as(token).call('createLead', {
    params: { client_id: client.clientId },
    body: { name: 'Mia' },
  });
  if (!created.ok) throw new Error(created.problem.detail);
  expect(await entries(created.body.id, token)).toEqual([
    ['received', { kind: 'machine_token', id: token.tokenId, name: token.name }],
  ]);
});

test('an administrator is told by name to administrators alone', async () => {
  const admin = await aUser(bench.db, { isAdmin: true });
  const { key } = await anApiKey(bench.db, { client, name: 'admin test' });
  const id = String((await bench.postLead(key, { name: 'Mia' })).body['id']);
  const params = at(id);
  await as(asAdmin(admin)).call('updateLead', { params, body: { status: 'won' } });
  const actor = { kind: 'administrator', id: admin.id };
  expect((await entries(id)).at(-1)).toEqual(['updated', actor]);
  expect((await entries(id, asAdmin(admin))).at(-1)).toEqual([
    'updated',
    { ...actor, name: admin.email },
  ]);
});

test('what Meta told is Meta’s, a token’s is its own, and what nobody did is the system’s', async () => {
  const database = createDatabase({
    url: bench.databaseUrl,
    role: 'leadctl_worker',
    applicationName: 'test',
    poolMax: 1,
  });
  const writer = createLeadWriter({ database, clock: systemClock, announce: () => undefined });
  const told = { source: 'facebook', referenceId: '42', name: 'Mia', email: null, phone: null };
  const [made] = await writer.write(
    client.clientId,
    ['facebook'],
    [{ ...told, consent: null, rawPayload: {} }],
  );
  if (made?.kind !== 'created') throw new Error('not created');
  const token = { kind: 'machine_token', id: rep.userId, name: 'ci' } as const;
  const append = (by?: typeof token) =>
    database.inTransaction(clientScope(client.clientId), async (unit) => {
      if (by !== undefined) await eventsAreBy(unit, by);
      await appendEvent(unit, { leadId: made.leadId, kind: 'lead.updated', data: { status: [] } });
    });
  await append(token);
  // On the same connection: what one transaction said is not the next one's.
  await append();
  await database.stop();
  expect(await entries(made.leadId)).toEqual([
    ['received', { kind: 'meta' }],
    ['updated', token],
    ['updated', { kind: 'system' }],
  ]);
});

test('a STOP from the lead’s number stands in its history, and so does its end', async () => {
  const { key } = await anApiKey(bench.db, { client, name: 'stop test' });
  const id = String(
    (await bench.postLead(key, { name: 'Mia', phone: '+5215512345678' })).body['id'],
  );
  const other = String(
    (await bench.postLead(key, { name: 'Mo', phone: '+4915123456789' })).body['id'],
  );
  await bench.db.query(
    `INSERT INTO suppressions (id, client_id, channel, address, reason, made_by, said_at, actor,
       lifted_at, lifted_by, lifted_actor)
     VALUES (gen_random_uuid(), $1, 'whatsapp', '+525512345678', 'STOP', 'recipient',
       now() + interval '1 minute', '{"kind": "meta"}', now() + interval '2 minutes', 'operator',
       jsonb_build_object('kind', 'member', 'id', $2::text))`,
    [client.clientId, rep.userId],
  );
  expect(await entries(id)).toEqual([
    ['received', expect.objectContaining({ kind: 'api_key' })],
    ['suppressed', { kind: 'meta' }],
    ['unsuppressed', { kind: 'member', id: rep.userId, name: repEmail }],
  ]);
  expect(await entries(other)).toHaveLength(1);
});
