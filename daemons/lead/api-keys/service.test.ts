import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import {
  aClient,
  aMembership,
  aRole,
  type TestMembership,
} from '../../../lib/testing/factories.ts';
import { asAdmin, asMember, asToken } from '../../../lib/testing/identities.ts';
import { openLeadBench, type LeadBench } from '../testing/bench.ts';

let bench: LeadBench;

beforeAll(async () => {
  bench = await openLeadBench();
});
afterAll(() => bench.stop());

const admin = () => bench.daemon.client(asAdmin());

async function aKey(
  clientId: ClientId,
  body: { name: string; expires_at?: string; scopes?: ('leads:ingest' | 'leads:read')[] },
) {
  const made = await admin().call('createApiKey', { params: { client_id: clientId }, body });
  if (!made.ok) throw new Error(made.problem.detail);
  return made.body;
}

test('a change of scopes holds for the next request, under the same value', async () => {
  const { clientId } = await aClient(bench.db);
  const { id, key } = await aKey(clientId, { name: 'website' });
  expect((await bench.postLead(key, { name: 'Ada' })).status).toBe(201);
  const params = { client_id: clientId, key_id: id };
  const changed = await admin().call('updateApiKey', {
    params,
    body: { scopes: ['leads:read'], rate_limit_per_minute: 7 },
  });
  expect(changed).toMatchObject({
    ok: true,
    body: { scopes: ['leads:read'], rate_limit_per_minute: 7, allowed_origins: [] },
  });
  await expect
    .poll(async () => (await bench.postLead(key, { name: 'Ada' })).status, { timeout: 1_000 })
    .toBe(403);
});

test('an end can be set and lifted again', async () => {
  const { clientId } = await aClient(bench.db);
  const { id } = await aKey(clientId, { name: 'website' });
  const params = { client_id: clientId, key_id: id };
  const expires_at = '2030-01-01T00:00:00.000Z';
  expect(await admin().call('updateApiKey', { params, body: { expires_at } })).toMatchObject({
    ok: true,
    body: { expires_at },
  });
  expect(await admin().call('updateApiKey', { params, body: { expires_at: null } })).toMatchObject({
    ok: true,
    body: { expires_at: null },
  });
});

test('a name means one key of the client, also when the key is to expire', async () => {
  const { clientId } = await aClient(bench.db);
  const body = { name: 'campaign', expires_at: '2030-01-01T00:00:00.000Z' };
  await aKey(clientId, body);
  const again = await admin().call('createApiKey', { params: { client_id: clientId }, body });
  expect(again).toMatchObject({ ok: false, problem: { status: 409 } });
});

test('a key rotated with an overlap gives its name to its successor', async () => {
  const { clientId } = await aClient(bench.db);
  const { id } = await aKey(clientId, { name: 'website' });
  const rotated = await admin().call('rotateApiKey', {
    params: { client_id: clientId, key_id: id },
    body: { overlap_seconds: 60 },
  });
  expect(rotated).toMatchObject({ ok: true, body: { name: 'website', expires_at: null } });
});

test('a key of another client cannot be changed', async () => {
  const [{ clientId }, other] = [await aClient(bench.db), await aClient(bench.db)];
  const { id } = await aKey(clientId, { name: 'website' });
  const changed = await admin().call('updateApiKey', {
    params: { client_id: other.clientId, key_id: id },
    body: { scopes: ['leads:read'] },
  });
  expect(changed).toMatchObject({ ok: false, problem: { status: 404 } });
});

describe('a key that reads leads', () => {
  const KEYS = 'POST /api/clients/{client_id}/api-keys';
  const LEADS = 'GET /api/clients/{client_id}/leads';
  const team = async (grants: readonly string[]) => {
    const boss = await aMembership(bench.db, { role: await aRole(bench.db, { grants }) });
    return { boss, role: { clientId: boss.clientId, roleId: boss.roleId, roleLevel: 10 } };
  };
  const outcomes = async (
    identity: Parameters<typeof bench.daemon.client>[0],
    clientId: ClientId,
  ): Promise<string[]> => {
    const api = bench.daemon.client(identity);
    const at = { client_id: clientId };
    const { id: reading } = await aKey(clientId, { name: `r-${newId()}`, scopes: ['leads:read'] });
    const { id: taking } = await aKey(clientId, { name: `t-${newId()}` });
    const scopes: ('leads:ingest' | 'leads:read')[] = ['leads:ingest', 'leads:read'];
    const answers = [
      await api.call('createApiKey', { params: at, body: { name: newId(), scopes } }),
      await api.call('updateApiKey', { params: { ...at, key_id: taking }, body: { scopes } }),
      await api.call('rotateApiKey', {
        params: { ...at, key_id: reading },
        body: { overlap_seconds: 0 },
      }),
      await api.call('createApiKey', { params: at, body: { name: newId() } }),
    ];
    return answers.map((answer) => (answer.ok ? 'done' : answer.problem.code));
  };
  const refused = ['forbidden', 'forbidden', 'forbidden', 'done'];
  const done = ['done', 'done', 'done', 'done'];

  test('is made, widened and rotated by whoever may read all the leads; one that takes leads in by whoever makes keys', async () => {
    const unable = await team([KEYS]);
    const able = await team([KEYS, LEADS]);
    const below = (boss: TestMembership) =>
      aMembership(bench.db, {
        reportsTo: boss,
        role: { id: boss.roleId, name: '', level: boss.roleLevel },
      });
    expect({
      withoutTheGrant: await outcomes(asMember(unable.boss), unable.boss.clientId),
      belowTheTop: await outcomes(asMember(await below(able.boss)), able.boss.clientId),
      atTheTop: await outcomes(asMember(able.boss), able.boss.clientId),
      token: await outcomes(asToken({ role: able.role }), able.boss.clientId),
      unableToken: await outcomes(asToken({ role: unable.role }), unable.boss.clientId),
      admin: await outcomes(asAdmin(), unable.boss.clientId),
    }).toEqual({
      withoutTheGrant: refused,
      belowTheTop: refused,
      atTheTop: done,
      token: done,
      unableToken: refused,
      admin: done,
    });
  });
});

test('a new key may send 600 leads a minute unless told', async () => {
  const { clientId } = await aClient(bench.db);
  const params = { client_id: clientId };
  const rateOf = async (name: string, rate: { rate_limit_per_minute?: number | null }) => {
    const made = await admin().call('createApiKey', { params, body: { name, ...rate } });
    return made.ok && made.body.rate_limit_per_minute;
  };
  expect(await rateOf('a', {})).toBe(600);
  expect(await rateOf('b', { rate_limit_per_minute: 7 })).toBe(7);
  expect(await rateOf('c', { rate_limit_per_minute: null })).toBe(null);
});

test('an end that has passed already is refused, for a new key and for a known one', async () => {
  const { clientId } = await aClient(bench.db);
  const expires_at = new Date(Date.now() - 1_000).toISOString();
  const refused = { ok: false, problem: { status: 422, errors: [{ path: 'body.expires_at' }] } };
  const body = { name: 'late', expires_at };
  const params = { client_id: clientId };
  expect(await admin().call('createApiKey', { params, body })).toMatchObject(refused);
  const { id } = await aKey(clientId, { name: 'known' });
  const change = { params: { ...params, key_id: id }, body: { expires_at } };
  expect(await admin().call('updateApiKey', change)).toMatchObject(refused);
});

describe('an allowed origin is one that a browser sends', () => {
  const create = async (origin: string) => {
    const { clientId } = await aClient(bench.db);
    const body = { name: 'website', allowed_origins: [origin] };
    return admin().call('createApiKey', { params: { client_id: clientId }, body });
  };

  test.each([
    'https://acme.example',
    'http://localhost:3000',
    'https://xn--bcher-kva.example',
    'https://[::1]:8443',
  ])('%s is taken', async (origin) => {
    expect(await create(origin)).toMatchObject({ ok: true, body: { allowed_origins: [origin] } });
  });

  test.each([
    ['https://*', 'must be an origin'],
    ['https://*.x.y', 'must be an origin'],
    ['blob:https://a.b', 'must be an origin'],
    ['null', 'must be an origin'],
    ['http://a@b', 'write it as http://b'],
    ['https://a.b?x', 'write it as https://a.b'],
    ['https://a.b#x', 'write it as https://a.b'],
    ['https://a.b/', 'write it as https://a.b'],
    ['https://A.B:443', 'write it as https://a.b'],
    ['https://a.b\\@c', 'write it as https://a.b'],
    ['https://bücher.example', 'write it as https://xn--bcher-kva.example'],
  ])('%s is not, and it is said what to write', async (origin, message) => {
    expect(await create(origin)).toMatchObject({
      ok: false,
      problem: { status: 422, errors: [{ message: expect.stringContaining(message) }] },
    });
  });
});
