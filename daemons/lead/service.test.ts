import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallResult } from '../../lib/contract/client.ts';
import type { Route } from '../../lib/contract/route.ts';
import {
  aClient,
  aMembership,
  type TestClient,
  type TestMembership,
} from '../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../lib/testing/identities.ts';
import { openLeadBench, type LeadBench } from './testing/bench.ts';

let bench: LeadBench;
let client: TestClient;
let params: { client_id: TestClient['clientId'] };
let boss: TestMembership;
let lead: TestMembership;
let rep: TestMembership;
let peer: TestMembership;

beforeAll(async () => {
  bench = await openLeadBench();
  client = await aClient(bench.db);
  params = { client_id: client.clientId };
  boss = await aMembership(bench.db, { client });
  lead = await aMembership(bench.db, { reportsTo: boss });
  rep = await aMembership(bench.db, { reportsTo: lead });
  peer = await aMembership(bench.db, { reportsTo: boss });
});
afterAll(() => bench.stop());

const as = (member: TestMembership) => bench.daemon.client(asMember(member));
const admin = () => bench.daemon.client(asAdmin());

function bodyOf<R extends Route>(result: CallResult<R>) {
  if (!result.ok) throw new Error(`${result.problem.status} ${result.problem.detail}`);
  return result.body;
}
const codeOf = <R extends Route>(result: CallResult<R>) => (result.ok ? 'ok' : result.problem.code);

describe('what a member may act on', () => {
  test('is their own and their reports’ leads; unassigned ones are the roots’', async () => {
    const owned = bodyOf(await as(rep).call('createLead', { params, body: { name: 'Owned' } }));
    expect(owned.assigned_to_user_client_id).toBe(rep.id);
    const free = bodyOf(await admin().call('createLead', { params, body: { name: 'Free' } }));
    const seen = async (member: TestMembership) => {
      const page = bodyOf(await as(member).call('listLeads', { params, query: { limit: 200 } }));
      const ids = new Set(page.data.map(({ id }) => id));
      return [ids.has(owned.id), ids.has(free.id)];
    };
    expect(await seen(boss)).toEqual([true, true]);
    expect(await seen(lead)).toEqual([true, false]);
    expect(await seen(rep)).toEqual([true, false]);
    expect(await seen(peer)).toEqual([false, false]);
  });

  test('does not exist for the others, whatever they try', async () => {
    const { id } = bodyOf(await as(rep).call('createLead', { params, body: { name: 'Private' } }));
    const at = { ...params, lead_id: id };
    const foreign = as(peer);
    expect(codeOf(await foreign.call('getLead', { params: at }))).toBe('not_found');
    expect(codeOf(await foreign.call('leadTimeline', { params: at }))).toBe('not_found');
    expect(codeOf(await foreign.call('updateLead', { params: at, body: { status: 'won' } }))).toBe(
      'not_found',
    );
    expect(codeOf(await foreign.call('eraseLead', { params: at }))).toBe('not_found');
    expect(bodyOf(await as(rep).call('getLead', { params: at })).status).toBe('new');
  });

  test('ends where the client ends', async () => {
    const stranger = await aMembership(bench.db);
    expect(codeOf(await as(stranger).call('listLeads', { params }))).toBe('not_found');
  });
});

describe('changing a lead', () => {
  test('assigns downwards only', async () => {
    const { id } = bodyOf(await as(lead).call('createLead', { params, body: { name: 'Move me' } }));
    const at = { ...params, lead_id: id };
    const assign = (to: string) =>
      as(lead).call('updateLead', { params: at, body: { assigned_to_user_client_id: to } });
    expect(codeOf(await assign(boss.id))).toBe('validation_failed');
    expect(codeOf(await assign(peer.id))).toBe('validation_failed');
    expect(bodyOf(await assign(rep.id)).assigned_to_user_client_id).toBe(rep.id);
  });

  test('is told on the timeline and in the audit log', async () => {
    const { id } = bodyOf(await as(rep).call('createLead', { params, body: { name: 'Story' } }));
    const at = { ...params, lead_id: id };
    bodyOf(await as(rep).call('updateLead', { params: at, body: { status: 'contacted' } }));
    bodyOf(
      await as(lead).call('updateLead', {
        params: at,
        body: { assigned_to_user_client_id: lead.id },
      }),
    );
    const timeline = bodyOf(await as(boss).call('leadTimeline', { params: at }));
    expect(timeline.map(({ kind }) => kind)).toEqual([
      'received',
      'assigned',
      'updated',
      'assigned',
    ]);
    const audit = await bench.db.query(
      'SELECT action, actor_id FROM audit_log WHERE target_id = $1 ORDER BY id',
      [id],
    );
    expect(audit.rows).toEqual([
      { action: 'lead.create', actor_id: rep.userId },
      { action: 'lead.update', actor_id: rep.userId },
      { action: 'lead.update', actor_id: lead.userId },
    ]);
  });

  test('erasing leaves nothing that says who it was', async () => {
    const body = { name: 'Grace Hopper', email: 'grace@example.com', phone: '+14155550123' };
    const { id } = bodyOf(await as(rep).call('createLead', { params, body }));
    const at = { ...params, lead_id: id };
    expect(codeOf(await as(rep).call('eraseLead', { params: at }))).toBe('ok');
    const erased = bodyOf(await as(rep).call('getLead', { params: at }));
    expect(erased).toMatchObject({ name: null, email: null, phone: null, raw_payload: {} });
    expect(erased.erased_at).not.toBeNull();
    const { rows } = await bench.db.query(
      `SELECT row_to_json(l)::text AS t FROM leads l WHERE id = $1
       UNION ALL SELECT row_to_json(e)::text FROM events e WHERE lead_id = $1
       UNION ALL SELECT row_to_json(a)::text FROM audit_log a WHERE target_id = $1::text`,
      [id],
    );
    expect(JSON.stringify(rows)).not.toMatch(/grace|hopper|4155550123/i);
  });
});

describe('lists', () => {
  test('page through everything once, newest first', async () => {
    const other = await aClient(bench.db);
    const at = { client_id: other.clientId };
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      made.push(
        bodyOf(await admin().call('createLead', { params: at, body: { name: `P${n}` } })).id,
      );
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? { limit: 3 } : { limit: 3, cursor };
      const page = bodyOf(await admin().call('listLeads', { params: at, query }));
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(made.toReversed());
  });

  test('search takes % and _ for what they are', async () => {
    const { id } = bodyOf(
      await admin().call('createLead', { params, body: { name: '100%_sure' } }),
    );
    const find = async (q: string) =>
      bodyOf(await admin().call('listLeads', { params, query: { q } })).data.map((row) => row.id);
    expect(await find('0%_s')).toEqual([id]);
    expect(await find('0_%s')).toEqual([]);
  });

  test('a made-up cursor is refused, not the database’s problem', async () => {
    const cursor = Buffer.from('["nonsense"]').toString('base64url');
    expect(codeOf(await admin().call('listLeads', { params, query: { cursor } }))).toBe(
      'validation_failed',
    );
  });
});

describe('API keys', () => {
  const create = (name: string) =>
    admin().call('createApiKey', { params, body: { name, prefix: 'site' } });

  test('are shown once and kept as a hash', async () => {
    const created = bodyOf(await create('shown once'));
    expect(created.key).toMatch(/^site_live_\w{27,}$/);
    const listed = bodyOf(await admin().call('listApiKeys', { params }));
    expect(JSON.stringify(listed)).not.toContain(created.key);
    const { rows } = await bench.db.query(
      'SELECT row_to_json(k)::text AS t FROM client_api_keys k',
    );
    expect(JSON.stringify(rows)).not.toContain(created.key);
    expect((await bench.postLead(created.key, { name: 'A' })).status).toBe(201);
  });

  test('stop working within a second of being revoked', async () => {
    const { id, key } = bodyOf(await create('to revoke'));
    expect((await bench.postLead(key, { name: 'A' })).status).toBe(201);
    expect(codeOf(await admin().call('revokeApiKey', { params: { ...params, key_id: id } }))).toBe(
      'ok',
    );
    await expect
      .poll(async () => (await bench.postLead(key, { name: 'A' })).status, { timeout: 1_000 })
      .toBe(401);
  });

  test('overlap with their successor for as long as asked', async () => {
    const old = bodyOf(await create('to rotate'));
    const rotate = (overlap: number, id: string) =>
      admin().call('rotateApiKey', {
        params: { ...params, key_id: id },
        body: { overlap_seconds: overlap },
      });
    const next = bodyOf(await rotate(60, old.id));
    expect((await bench.postLead(old.key, { name: 'A' })).status).toBe(201);
    expect((await bench.postLead(next.key, { name: 'A' })).status).toBe(201);
    bodyOf(await rotate(0, next.id));
    await expect
      .poll(async () => (await bench.postLead(next.key, { name: 'A' })).status, { timeout: 1_000 })
      .toBe(401);
  });

  test('keep their expiry when rotated, and cannot be revived by it', async () => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const body = { name: 'contractor', expires_at };
    const old = bodyOf(await admin().call('createApiKey', { params, body }));
    const rotate = (id: string) =>
      admin().call('rotateApiKey', {
        params: { ...params, key_id: id },
        body: { overlap_seconds: 60 },
      });
    const next = bodyOf(await rotate(old.id));
    expect(next.expires_at).toBe(expires_at);
    expect(codeOf(await rotate(old.id))).toBe('conflict');
    await bench.db.query(
      "UPDATE client_api_keys SET expires_at = now() - interval '1 day' WHERE id = $1",
      [next.id],
    );
    expect(codeOf(await rotate(next.id))).toBe('conflict');
  });

  test('have one name each while they live', async () => {
    bodyOf(await create('unique'));
    expect(codeOf(await create('unique'))).toBe('conflict');
  });
});
