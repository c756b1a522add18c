import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../lib/core/clock.ts';
import { clientIdSchema } from '../../../lib/core/ids.ts';
import { createDatabase } from '../../../lib/db/database.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { aMembership, aRole } from '../../../lib/testing/factories.ts';
import { startDestinations, TEST_KINDS, type TestDestinations } from '../testing/destinations.ts';
import { createDestinationService } from './service.ts';

let t: TestDestinations;

beforeAll(async () => {
  t = await startDestinations();
});
afterAll(() => t.stop());

type Body = Readonly<Record<string, unknown>>;
const backfill = (client: string, id: string, body: Body = {}, identity = asAdmin()) =>
  t.ask('POST', `${client}/destinations/${id}/backfill`, body, identity);
const owedOf = (id: string) => t.kit.deliveries(`lane_key LIKE $1 || '/%'`, [id]);
const set = (ids: readonly string[], column: string, value: unknown) =>
  t.kit.pool.query(`UPDATE leads SET ${column} = $2 WHERE id = ANY ($1)`, [ids, value]);

test('a new destination is owed the leads that came before it, once', async () => {
  const client = await t.client();
  const ids = await t.leads(client, 3);
  const id = await t.note(client);
  const dry = await backfill(client, id, { dry_run: true });
  expect(dry).toMatchObject({ status: 200, body: { count: 3, remaining: 0, dry_run: true } });
  expect(await owedOf(id)).toEqual([]);
  const done = await backfill(client, id);
  expect(done.body).toEqual({ count: 3, remaining: 0, dry_run: false });
  const { rows } = await t.kit.pool.query(
    `SELECT lead_id, occasion, status, lane_key, settings_version FROM deliveries
     WHERE destination_id = $1 ORDER BY lead_id`,
    [id],
  );
  const owed = { occasion: 'backfill', status: 'pending', lane_key: `${id}/b1` };
  expect(rows).toEqual(
    ids.toSorted().map((lead) => ({ lead_id: lead, ...owed, settings_version: 1 })),
  );
  expect((await backfill(client, id)).body).toMatchObject({ count: 0, remaining: 0 });
  expect(await owedOf(id)).toHaveLength(3);
  const audit = await t.kit.pool.query(
    `SELECT detail FROM audit_log WHERE client_id = $1 AND action = 'destination.backfill'`,
    [client],
  );
  expect(audit.rows).toEqual([{ detail: { name: 'board', filter: [], count: 3 } }]);
});

test('many who backfill at a time owe nothing twice', async () => {
  const client = await t.client();
  await t.leads(client, 5);
  const id = await t.note(client);
  const done = await Promise.all(Array.from({ length: 4 }, () => backfill(client, id)));
  for (const { status } of done) expect(status).toBe(200);
  expect(await owedOf(id)).toHaveLength(5);
});

test('leads that it was sent, spam, and those who were erased are left out', async () => {
  const client = await t.client();
  const id = await t.note(client);
  await t.leads(client, 2);
  expect(await owedOf(id)).toHaveLength(2);
  await t.ask('PATCH', `${client}/destinations/${id}`, { enabled: false });
  const [spam, erased, ...others] = await t.leads(client, 4);
  await set([spam ?? ''], 'status', 'spam');
  await set([erased ?? ''], 'erased_at', new Date());
  await t.ask('PATCH', `${client}/destinations/${id}`, { enabled: true });
  expect((await backfill(client, id)).body).toMatchObject({ count: 2 });
  const owed = (await owedOf(id)).map((row) => row.lead_id);
  expect(owed).toEqual(expect.arrayContaining(others));
  expect(owed).not.toContain(spam);
  expect(owed).not.toContain(erased);
});

test('a lead whose own turn is still to come is left to it, so that it is not owed twice', async () => {
  const client = await t.client();
  const id = await t.note(client);
  // Committed, and the fan-out has not read its event.
  const { ids } = await t.kit.leads(client, 1);
  expect((await backfill(client, id)).body).toMatchObject({ count: 0 });
  await t.leads(client, 1);
  expect(await t.kit.deliveries('lead_id = $1', [ids[0]])).toHaveLength(1);
  expect(await owedOf(id)).toHaveLength(2);
});

test('the destination’s filter and the one given are both met, and so are the times', async () => {
  const client = await t.client();
  const id = await t.note(client, { enabled: false, filter: { sources: ['website', 'fair'] } });
  const [a = '', b = '', c = '', d = ''] = await t.leads(client, 4);
  await set([b], 'source', 'fair');
  await set([c], 'source', 'phone');
  await set([d], 'created_at', new Date('2020-01-01T00:00:00Z'));
  const count = async (body: Body) => {
    const answer = await backfill(client, id, { ...body, dry_run: true });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  // Of one that is switched off it can be counted what would go out.
  expect(await count({})).toMatchObject({ count: 3 });
  expect(await count({ filter: { sources: ['fair', 'phone'] } })).toMatchObject({ count: 1 });
  expect(await count({ filter: { statuses: ['won'] } })).toMatchObject({ count: 0 });
  expect(await count({ since: '2021-01-01T00:00:00Z' })).toMatchObject({ count: 2 });
  expect(await count({ until: '2020-01-01T00:00:00Z' })).toMatchObject({ count: 0 });
  expect(await count({ until: '2020-01-01T00:00:01Z' })).toMatchObject({ count: 1 });
  const refused = await backfill(client, id);
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(refused.text).toContain('set enabled to true');
  await t.ask('PATCH', `${client}/destinations/${id}`, { enabled: true });
  await backfill(client, id, { since: '2021-01-01T00:00:00Z' });
  expect((await owedOf(id)).map((row) => row.lead_id).toSorted()).toEqual([a, b].toSorted());
});

test.each([
  ['a text', '{"city": "Berlin"}', { city: 'Berlin' }, 1],
  ['another text', '{"city": "Bonn"}', { city: 'Berlin' }, 0],
  ['a number', '{"rooms": 3}', { rooms: '3' }, 1],
  ['a number with its digits', '{"rooms": 3.50}', { rooms: '3.50' }, 1],
  ['a list', '{"rooms": ["a", "b"]}', { rooms: 'a, b' }, 1],
  ['another list', '{"rooms": ["a", "c"]}', { rooms: 'a, b' }, 0],
  ['an object', '{"at": {"x": 1}}', { at: '{"x":1}' }, 1],
  ['nothing', '{"city": null}', { city: '' }, 1],
  ['no such field', '{}', { city: '' }, 0],
  ['what is kept as text', '{"_unparsed": "{\\"city\\": \\"Berlin\\"}"}', { city: 'Berlin' }, 1],
  ['a field of the lead itself', '{"source": "phone"}', { source: 'website' }, 1],
  ['a field that passes for the lead’s own', '{"source": "phone"}', { source: 'phone' }, 0],
  ['two fields of which one differs', '{"a": "1", "b": "2"}', { a: '1', b: '3' }, 0],
])(
  'leads are matched by their fields as the fan-out does: %s',
  async (_what, payload, fields, n) => {
    const client = await t.client();
    const fanned = await t.note(client, { name: 'fanned', filter: { fields } });
    const { ids } = await t.kit.leads(client, 2);
    await set(ids, 'raw_payload', payload);
    await t.fannedOut(ids);
    expect(await owedOf(fanned)).toHaveLength(n * 2);
    const id = await t.note(client, { filter: { fields } });
    expect((await backfill(client, id)).body).toMatchObject({ count: n * 2, remaining: 0 });
    expect(await owedOf(id)).toHaveLength(n * 2);
  },
);

test('a member backfills their own part of the hierarchy', async () => {
  const clientId = clientIdSchema.parse(await t.client());
  const role = await aRole(t.kit.pool, { level: 20 });
  const boss = await aMembership(t.kit.pool, { client: { clientId }, role });
  const rep = await aMembership(t.kit.pool, { client: { clientId }, role, reportsTo: boss });
  const [mine = ''] = await t.leads(clientId, 3);
  await set([mine], 'assigned_to_user_client_id', rep.id);
  const id = await t.note(clientId);
  expect((await backfill(clientId, id, {}, asMember(rep))).body).toMatchObject({ count: 1 });
  expect((await owedOf(id)).map((row) => row.lead_id)).toEqual([mine]);
  expect((await backfill(clientId, id, {}, asMember(boss))).body).toMatchObject({ count: 2 });
});

test('more than one call may take are left for the next, the oldest first', async () => {
  const client = await t.client();
  const ids = (await t.leads(client, 7)).toSorted();
  const byFields = { fields: { city: '=Berlin' } };
  const plain = await t.note(client, { name: 'plain' });
  const picky = await t.note(client, { name: 'picky', filter: byFields });
  const database = createDatabase({
    url: t.kit.url,
    role: 'leadctl_integration',
    applicationName: 'test',
    poolMax: 1,
  });
  const service = createDestinationService({
    database,
    keyring: t.kit.keyring,
    kinds: TEST_KINDS,
    checks: { ofDestination: async () => [] },
    announcer: { announce: () => undefined, stop: async () => undefined },
    clock: systemClock,
    mostBackfilled: 3,
  });
  const actor = { identity: asAdmin(), call: { requestId: 'test', ip: '127.0.0.1' } };
  const all = { dry_run: false };
  for (const id of [plain, picky]) {
    const next = (which = all) => service.backfill(actor, clientIdSchema.parse(client), id, which);
    expect(await next({ dry_run: true })).toEqual({ count: 3, remaining: 4, dry_run: true });
    expect(await next()).toEqual({ count: 3, remaining: 4, dry_run: false });
    const owed = (await owedOf(id)).map((row) => row.lead_id);
    expect(owed.toSorted()).toEqual(ids.slice(0, 3));
    expect(await next()).toEqual({ count: 3, remaining: 1, dry_run: false });
    expect(await next()).toEqual({ count: 1, remaining: 0, dry_run: false });
    expect(await next()).toEqual({ count: 0, remaining: 0, dry_run: false });
  }
  await database.stop();
});

test.each([
  ['a time that is none', { since: 'yesterday' }],
  ['a filter that is unknown', { filter: { colour: 'red' } }],
  ['a field that is unknown', { limit: 3 }],
])('with %s is refused', async (_what, body) => {
  const client = await t.client();
  expect(await backfill(client, await t.note(client), body)).toMatchObject({ status: 422 });
});
