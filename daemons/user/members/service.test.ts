import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { aRole, type TestMembership } from '../../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import {
  ancestorsOf,
  aTeam,
  auditOf,
  openUserBench,
  type TestTeam,
  type UserBench,
} from '../testing/bench.ts';

let bench: UserBench;
let team: TestTeam;

beforeAll(async () => {
  bench = await openUserBench();
});

beforeEach(async () => {
  team = await aTeam(bench.db);
});

afterAll(async () => {
  await bench.stop();
});

const admin = () => bench.daemon.client(asAdmin());
const as = (member: TestMembership) => bench.daemon.client(asMember(member));
const inClient = () => ({ client_id: team.client.clientId });
const at = (member: { id: string }) => ({ ...inClient(), user_client_id: member.id });

describe('seeing members', () => {
  test('a member sees themselves and everyone below, a page at a time; an admin all', async () => {
    const { boss, lead, rep, peer, peerRep } = team;
    const idsSeenBy = async (caller: ReturnType<typeof admin>) => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await caller.call('listMembers', {
          params: inClient(),
          query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
        });
        if (!page.ok) throw new Error(page.problem.detail);
        ids.push(...page.body.data.map(({ id }) => id));
        cursor = page.body.next_cursor ?? undefined;
      } while (cursor !== undefined);
      return ids;
    };
    const all = [peerRep, peer, rep, lead, boss].map(({ id }) => id);
    expect(await idsSeenBy(admin())).toEqual(all);
    expect(await idsSeenBy(as(boss))).toEqual(all);
    expect(await idsSeenBy(as(lead))).toEqual([rep.id, lead.id]);
    expect(await idsSeenBy(as(rep))).toEqual([rep.id]);
  });

  test('whoever is above, beside or in another client is not found', async () => {
    const { boss, lead, peer, peerRep, foreign } = team;
    for (const hidden of [boss, peer, peerRep, foreign]) {
      const read = await as(lead).call('getMember', { params: at(hidden) });
      expect(read).toMatchObject({ problem: { status: 404, code: 'not_found' } });
    }
    const other = { client_id: foreign.clientId, user_client_id: foreign.id };
    expect(await as(lead).call('getMember', { params: other })).toMatchObject({
      problem: { status: 404 },
    });
    expect(await admin().call('getMember', { params: at(foreign) })).toMatchObject({
      problem: { status: 404 },
    });
  });
});

describe('changing a member', () => {
  test('nobody edits or removes themselves, anyone above, beside or foreign', async () => {
    const { role, boss, lead, peer, peerRep, foreign } = team;
    const refusals = [
      [lead, 403],
      [boss, 403],
      [peer, 404],
      [peerRep, 404],
      [foreign, 404],
    ] as const;
    for (const [target, status] of refusals) {
      const params = at(target);
      const edit = await as(lead).call('updateMember', { params, body: { role_id: role.id } });
      const removal = await as(lead).call('removeMember', { params });
      expect([edit, removal]).toMatchObject([{ problem: { status } }, { problem: { status } }]);
    }
  });

  test('moves their whole subtree along, and tells the audit log from where to where', async () => {
    const { client, boss, lead, rep, peer, peerRep } = team;
    const moved = await admin().call('updateMember', {
      params: at(peer),
      body: { reports_to_user_client_id: rep.id },
    });
    expect(moved).toMatchObject({ body: { reports_to_user_client_id: rep.id } });
    expect(await ancestorsOf(bench.db, peerRep.id)).toEqual([
      [peerRep.id, 0],
      [peer.id, 1],
      [rep.id, 2],
      [lead.id, 3],
      [boss.id, 4],
    ]);
    expect(await auditOf(bench.db, peer.id)).toEqual([
      {
        action: 'member.update',
        client_id: client.clientId,
        detail: { reports_to: [boss.id, rep.id] },
      },
    ]);
  });

  test('may not close a loop', async () => {
    const { lead, rep } = team;
    for (const reportsTo of [lead, rep]) {
      const refused = await admin().call('updateMember', {
        params: at(lead),
        body: { reports_to_user_client_id: reportsTo.id },
      });
      expect(refused).toMatchObject({ problem: { status: 409, code: 'hierarchy_cycle' } });
    }
    expect(await auditOf(bench.db, lead.id)).toEqual([]);
  });

  test('by a member keeps them below, with a role by name or id', async () => {
    const { boss, rep, peer } = team;
    const junior = await aRole(bench.db, { level: 30 });
    const changed = await as(boss).call('updateMember', {
      params: at(rep),
      body: { role: junior.name, reports_to_user_client_id: peer.id },
    });
    expect(changed).toMatchObject({
      body: { role: { id: junior.id, level: '30' }, reports_to_user_client_id: peer.id },
    });
    const away = await as(peer).call('updateMember', {
      params: at(rep),
      body: { reports_to_user_client_id: boss.id },
    });
    expect(away).toMatchObject({ problem: { status: 422 } });
    const toTop = await as(peer).call('updateMember', {
      params: at(rep),
      body: { reports_to_user_client_id: null },
    });
    expect(toTop).toMatchObject({ problem: { status: 403 } });
  });
});

describe('removing a member', () => {
  test('hands reports and leads to their manager, with an event a lead and a line in the audit log', async () => {
    const { client, boss, lead, rep } = team;
    const leadId = newId();
    await bench.db.query(
      `INSERT INTO leads (id, client_id, name, source, raw_payload, assigned_to_user_client_id, created_at, updated_at)
       VALUES ($1, $2, 'Ada', 'website', '{}', $3, now(), now())`,
      [leadId, client.clientId, lead.id],
    );
    expect(await admin().call('removeMember', { params: at(lead) })).toMatchObject({ status: 204 });
    expect(await admin().call('getMember', { params: at(lead) })).toMatchObject({
      problem: { status: 404 },
    });
    expect(await ancestorsOf(bench.db, rep.id)).toEqual([
      [rep.id, 0],
      [boss.id, 1],
    ]);
    const { rows } = await bench.db.query(
      `SELECT l.assigned_to_user_client_id AS assignee, e.kind, e.data, e.actor ->> 'kind' AS by
       FROM leads l JOIN events e ON e.lead_id = l.id WHERE l.id = $1`,
      [leadId],
    );
    expect(rows).toEqual([
      {
        assignee: boss.id,
        kind: 'lead.updated',
        data: { assigned_to: [lead.id, boss.id] },
        by: 'administrator',
      },
    ]);
    expect(await auditOf(bench.db, lead.id)).toMatchObject([
      { action: 'member.remove', detail: { leads: 1, reports_and_leads_to: boss.id } },
    ]);
  });

  test('who was the top makes roots of their reports', async () => {
    const { boss, peer, peerRep } = team;
    expect(await admin().call('removeMember', { params: at(boss) })).toMatchObject({ status: 204 });
    const read = await admin().call('getMember', { params: at(peer) });
    expect(read).toMatchObject({ body: { reports_to_user_client_id: null } });
    expect(await ancestorsOf(bench.db, peerRep.id)).toEqual([
      [peerRep.id, 0],
      [peer.id, 1],
    ]);
  });
});
