import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestBench, type TestBench } from '../../lib/testing/bench.ts';
import { aClient, aMembership, aUser, unique } from '../../lib/testing/factories.ts';
import { asAdmin, asMember, asUser } from '../../lib/testing/identities.ts';
import { clientContract, type ClientContract } from './contract.ts';
import { createClientDaemon } from './daemon.ts';

let bench: TestBench<ClientContract>;

beforeAll(async () => {
  bench = await openTestBench({ contract: clientContract, create: createClientDaemon });
});

afterAll(() => bench.stop());

const admin = () => bench.daemon.client(asAdmin());
const anId = () => `c-${unique()}`;

async function actionsOn(clientId: string): Promise<string[]> {
  const { rows } = await bench.db.query<{ action: string }>(
    'SELECT action FROM audit_log WHERE client_id = $1 ORDER BY id',
    [clientId],
  );
  return rows.map(({ action }) => action);
}

describe('making a client', () => {
  test('keeps the id as given, upper-cases its country and starts active', async () => {
    const client_id = anId();
    const made = await admin().call('createClient', {
      body: { client_id, name: ' Acme ', default_country: 'de' },
    });
    expect(made).toMatchObject({
      ok: true,
      status: 201,
      body: { client_id, name: 'Acme', status: 'active', default_country: 'DE' },
    });
    expect(await actionsOn(client_id)).toEqual(['client.create']);
  });

  test('is refused under an id that is taken, leaving the holder alone', async () => {
    const { clientId } = await aClient(bench.db, { name: 'First' });
    const body = { client_id: clientId, name: 'Second' };
    const made = await admin().call('createClient', { body });
    expect(made).toMatchObject({ ok: false, problem: { status: 409, code: 'client_exists' } });
    const read = await admin().call('getClient', { params: { client_id: clientId } });
    expect(read).toMatchObject({ ok: true, body: { name: 'First' } });
    expect(await actionsOn(clientId)).toEqual([]);
  });

  test.each([
    [{ client_id: 'Acme!' }, 'body.client_id'],
    [{ name: ' ' }, 'body.name'],
    [{ default_country: 'XX' }, 'body.default_country'],
    [{ default_country: 'Germany' }, 'body.default_country'],
    [{ colour: 'red' }, 'body'],
  ])('is refused with %j, and the field named', async (wrong, path) => {
    const body = { client_id: anId(), name: 'Acme', ...wrong };
    const made = await admin().call('createClient', { body });
    expect(made).toMatchObject({
      ok: false,
      problem: { status: 422, code: 'validation_failed', errors: [{ path }] },
    });
  });

  test('changing and archiving it, and asking which ids are free, need a role', async () => {
    const { clientId } = await aClient(bench.db);
    const api = bench.daemon.client(asUser(await aUser(bench.db)));
    const params = { client_id: clientId };
    const attempts = [
      await api.call('createClient', { body: { client_id: anId(), name: 'Mine' } }),
      await api.call('clientAvailability', { params }),
      await api.call('listAudit', {}),
      await api.call('updateClient', { params, body: { name: 'Mine' } }),
      await api.call('archiveClient', { params }),
    ];
    expect(attempts.map((attempt) => (attempt.ok ? 'done' : attempt.problem.code))).toEqual([
      'forbidden',
      'forbidden',
      'forbidden',
      'not_found',
      'not_found',
    ]);
  });
});

describe('changing a client', () => {
  test('records what changed, and writes nothing when nothing does', async () => {
    const { clientId } = await aClient(bench.db, { name: 'Acme' });
    const params = { client_id: clientId };
    await admin().call('updateClient', { params, body: { name: 'Acme Inc', status: 'suspended' } });
    const again = await admin().call('updateClient', { params, body: { name: 'Acme Inc' } });
    expect(again).toMatchObject({ ok: true, body: { name: 'Acme Inc', status: 'suspended' } });
    await admin().call('updateClient', { params, body: { status: 'active' } });
    expect(await actionsOn(clientId)).toEqual(['client.suspend', 'client.activate']);
    const { rows } = await bench.db.query(
      `SELECT detail FROM audit_log WHERE client_id = $1 AND action = 'client.suspend'`,
      [clientId],
    );
    expect(rows).toEqual([
      { detail: { name: ['Acme', 'Acme Inc'], status: ['active', 'suspended'] } },
    ]);
  });

  test('DELETE archives it and deletes nothing, however often', async () => {
    const { clientId } = await aClient(bench.db);
    const params = { client_id: clientId };
    expect(await admin().call('archiveClient', { params })).toMatchObject({ status: 204 });
    expect(await admin().call('archiveClient', { params })).toMatchObject({ status: 204 });
    const read = await admin().call('getClient', { params });
    expect(read).toMatchObject({ ok: true, body: { status: 'archived' } });
    expect(await actionsOn(clientId)).toEqual(['client.archive']);
  });

  test('that does not exist is a 404', async () => {
    const params = { client_id: anId() };
    for (const answer of [
      await admin().call('getClient', { params }),
      await admin().call('updateClient', { params, body: { name: 'x' } }),
      await admin().call('archiveClient', { params }),
    ]) {
      expect(answer).toMatchObject({ ok: false, problem: { status: 404, code: 'not_found' } });
    }
  });
});

test('text that the database cannot hold is the caller’s mistake, not ours', async () => {
  const body = { client_id: anId(), name: 'A\u0000B' };
  const made = await admin().call('createClient', { body });
  expect(made).toMatchObject({ ok: false, problem: { status: 422, code: 'validation_failed' } });
});

describe('seeing clients', () => {
  test('a member lists the clients they belong to and no other', async () => {
    const user = await aUser(bench.db);
    const [one, two] = [
      await aMembership(bench.db, { user }),
      await aMembership(bench.db, { user }),
    ];
    await aClient(bench.db);
    const listed = await bench.daemon.client(asUser(user)).call('listClients', {});
    const expected = [one.clientId, two.clientId].sort();
    expect(listed).toMatchObject({
      ok: true,
      body: { data: expected.map((client_id) => ({ client_id })), next_cursor: null },
    });
    const stranger = await bench.daemon
      .client(asUser(await aUser(bench.db)))
      .call('listClients', {});
    expect(stranger).toMatchObject({ ok: true, body: { data: [] } });
  });

  test('an admin pages through all of them, each once', async () => {
    for (let made = 0; made < 3; made += 1) await aClient(bench.db);
    const { rows } = await bench.db.query<{ id: string }>(
      'SELECT client_id AS id FROM clients ORDER BY client_id',
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page <= rows.length; page += 1) {
      const listed = await admin().call('listClients', { query: { limit: 2, cursor } });
      if (!listed.ok) throw new Error(listed.problem.detail);
      seen.push(...listed.body.data.map(({ client_id }) => client_id));
      if (listed.body.next_cursor === null) break;
      cursor = listed.body.next_cursor;
    }
    expect(seen).toEqual(rows.map(({ id }) => id));
  });

  test('another client’s member is told that it does not exist', async () => {
    const [member, other] = [await aMembership(bench.db), await aClient(bench.db)];
    const api = bench.daemon.client(asMember(member));
    const own = await api.call('getClient', { params: { client_id: member.clientId } });
    expect(own).toMatchObject({ ok: true, body: { client_id: member.clientId } });
    const foreign = await api.call('getClient', { params: { client_id: other.clientId } });
    expect(foreign).toMatchObject({ ok: false, problem: { status: 404, code: 'not_found' } });
  });
});

describe('availability', () => {
  test('answers for any text, and says why not', async () => {
    const { clientId } = await aClient(bench.db);
    const api = bench.daemon.client(asMember(await aMembership(bench.db)));
    const ask = async (client_id: string) => {
      const answer = await api.call('clientAvailability', { params: { client_id } });
      return answer.ok ? answer.body : answer.problem;
    };
    const free = anId();
    expect(await ask(free)).toEqual({
      client_id: free,
      valid: true,
      available: true,
      reason: null,
    });
    expect(await ask(clientId)).toMatchObject({ valid: true, available: false });
    for (const impossible of ['Acme', 'a b', '-a', 'ä/b', 'a%2fb', 'x'.repeat(65)]) {
      expect(await ask(impossible)).toMatchObject({
        client_id: impossible,
        valid: false,
        available: false,
        reason: expect.stringContaining('1–64 characters'),
      });
    }
  });
});
