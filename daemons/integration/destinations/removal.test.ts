import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { startDestinations, type TestDestinations } from '../testing/destinations.ts';

let t: TestDestinations;

beforeAll(async () => {
  t = await startDestinations();
});
afterAll(() => t.stop());

const delete_ = (client: string, id: string) => t.ask('DELETE', `${client}/destinations/${id}`);
const statusesOf = async (client: string) =>
  (await t.kit.deliveries('client_id = $1', [client])).map(({ status }) => status);

/** A client with `count` deliveries that wait for its note. */
async function waiting(count: number) {
  const client = await t.client();
  const id = await t.note(client);
  await t.leads(client, count);
  const rows = await t.kit.deliveries('client_id = $1', [client]);
  expect(rows).toHaveLength(count);
  return { client, id, ids: rows.map((row) => row.id) };
}

test('a removed destination is gone, its secrets too, and its name is free again', async () => {
  const client = await t.client();
  const id = await t.note(client);
  expect(await delete_(client, id)).toMatchObject({ status: 204 });
  expect(await t.ask('GET', `${client}/destinations/${id}`)).toMatchObject({ status: 404 });
  expect((await t.ask('GET', `${client}/destinations`)).body).toMatchObject({ data: [] });
  expect(await delete_(client, id)).toMatchObject({ status: 404 });
  const { rows } = await t.kit.pool.query('SELECT secrets FROM destinations WHERE id = $1', [id]);
  expect(rows).toEqual([{ secrets: {} }]);
  const next = await t.note(client);
  expect(next).not.toBe(id);
  const audit = await t.kit.pool.query(
    `SELECT detail FROM audit_log WHERE target_id = $1 AND action = 'destination.delete'`,
    [id],
  );
  expect(audit.rows).toEqual([{ detail: { name: 'board', skipped: 0 } }]);
});

test('what waits for it is skipped, with the reason, and told', async () => {
  const { client, id, ids } = await waiting(3);
  await t.kit.pool.query(
    `UPDATE deliveries SET status = 'held', next_attempt_at = NULL, last_error_code = 'x' WHERE id = $1`,
    [ids[0]],
  );
  await t.kit.pool.query(`UPDATE deliveries SET status = 'retrying', attempts = 2 WHERE id = $1`, [
    ids[1],
  ]);
  // Waiting in a lane that is held is waiting as well.
  await t.kit.pool.query(
    `UPDATE lanes SET held_at = now(), held_code = 'x', held_message = 'y' WHERE client_id = $1`,
    [client],
  );
  await delete_(client, id);
  const { body } = await t.ask('GET', `${client}/deliveries`);
  const skipped = {
    status: 'skipped',
    next_attempt_at: null,
    last_error: {
      code: 'destination_removed',
      message: expect.stringMatching(/^Its destination was removed before this was sent\./),
    },
    destination: { id, name: 'board', kind: 'note' },
  };
  expect(body).toMatchObject({ data: [skipped, skipped, skipped] });
  const { rows } = await t.kit.pool.query(
    `SELECT DISTINCT data ->> 'status' AS status, data ->> 'code' AS code, actor ->> 'kind' AS actor
     FROM events WHERE client_id = $1 AND kind = 'delivery.updated' AND data ->> 'delivery_id' = ANY ($2)`,
    [client, ids],
  );
  expect(rows).toEqual([
    { status: 'skipped', code: 'destination_removed', actor: 'administrator' },
  ]);
});

test('what is being sent at that moment ends as it ends, and what comes of it does not wait for ever', async () => {
  const { client, id, ids } = await waiting(2);
  await t.kit.pool.query(
    `UPDATE deliveries SET status = 'delivering', lease = $2, leased_until = now() + interval '1 minute',
       next_attempt_at = NULL WHERE id = ANY ($1)`,
    [ids, newId()],
  );
  await delete_(client, id);
  await t.sweep();
  expect(await statusesOf(client)).toEqual(['delivering', 'delivering']);
  await t.kit.pool.query(
    `UPDATE deliveries SET lease = NULL, leased_until = NULL,
       status = CASE WHEN id = $1 THEN 'delivered' ELSE 'retrying' END,
       next_attempt_at = CASE WHEN id <> $1 THEN now() + interval '1 hour' END
     WHERE client_id = $2`,
    [ids[0], client],
  );
  await t.sweep();
  expect(await statusesOf(client)).toEqual(['delivered', 'skipped']);
});

test('what ended before stays as it is, and is not started again', async () => {
  const { client, id, ids } = await waiting(2);
  await t.kit.pool.query(
    `UPDATE deliveries SET next_attempt_at = NULL, status = CASE WHEN id = $1 THEN 'failed' ELSE 'unknown' END
     WHERE client_id = $2`,
    [ids[0], client],
  );
  await delete_(client, id);
  expect(await statusesOf(client)).toEqual(['failed', 'unknown']);
  const retried = await t.ask('POST', `${client}/deliveries/${ids[0]}/retry`);
  expect(retried).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(retried.text).toContain('was removed');
  const replayed = await t.ask('POST', `${client}/deliveries/replay`, { status: 'failed' });
  expect(replayed.body).toMatchObject({ count: 0 });
  expect(await statusesOf(client)).toEqual(['failed', 'unknown']);
});

test('other destinations lose nothing by it', async () => {
  const client = await t.client();
  const [id, other] = [await t.note(client), await t.note(client, { name: 'other' })];
  await t.leads(client, 2);
  await delete_(client, id);
  await t.sweep();
  const { rows } = await t.kit.pool.query(
    `SELECT destination_id, status, CAST(count(*) AS integer) AS count FROM deliveries
     WHERE client_id = $1 GROUP BY 1, 2 ORDER BY 2`,
    [client],
  );
  expect(rows).toEqual([
    { destination_id: other, status: 'pending', count: 2 },
    { destination_id: id, status: 'skipped', count: 2 },
  ]);
  // And the new leads are owed to the other alone.
  const [lead] = await t.leads(client, 1);
  expect(await t.kit.deliveries('lead_id = $1', [lead])).toMatchObject([{ status: 'pending' }]);
});

test('a held destination shows what holds it, and is released as a whole', async () => {
  const { client, id } = await waiting(3);
  const path = `${client}/destinations/${id}`;
  expect(await t.ask('POST', `${path}/release`)).toMatchObject({
    status: 200,
    body: { released: 0, lanes: 0 },
  });
  await t.kit.pool.query(
    `UPDATE lanes SET held_at = now(), held_code = 'denied', held_message = 'The board says no.'
     WHERE client_id = $1`,
    [client],
  );
  const held = [{ account: 'b1', code: 'denied', message: 'The board says no.' }];
  expect((await t.ask('GET', path)).body).toMatchObject({ held });
  expect((await t.ask('GET', `${client}/destinations`)).body).toMatchObject({ data: [{ held }] });
  expect(await statusesOf(client)).toEqual(['held', 'held', 'held']);
  expect(await t.ask('POST', `${path}/release`)).toMatchObject({
    status: 200,
    body: { released: 3, lanes: 1 },
  });
  expect(await statusesOf(client)).toEqual(['pending', 'pending', 'pending']);
  expect((await t.ask('GET', path)).body).toMatchObject({ held: [] });
  const { rows } = await t.kit.pool.query(
    `SELECT detail FROM audit_log WHERE client_id = $1 AND action = 'destination.release'`,
    [client],
  );
  expect(rows).toEqual([{ detail: { name: 'board', released: 3, lanes: 1 } }]);
});

test('saving what holds it anew releases it, and what waits goes under the new settings', async () => {
  const { client, id } = await waiting(2);
  await t.kit.pool.query(
    `UPDATE lanes SET held_at = now(), held_code = 'denied', held_message = 'No.' WHERE client_id = $1`,
    [client],
  );
  const path = `${client}/destinations/${id}`;
  expect((await t.ask('PATCH', path, { settings: { board: 'b2' } })).body).toMatchObject({
    held: [],
  });
  const waits = { status: 'pending', settings_version: 2, lane_key: `${id}/b2` };
  expect(await t.kit.deliveries('client_id = $1', [client])).toMatchObject([waits, waits]);
});
