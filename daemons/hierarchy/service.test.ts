import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../lib/core/ids.ts';
import { openTestBench, type TestBench } from '../../lib/testing/bench.ts';
import {
  aClient,
  aMembership,
  aRole,
  type TestClient,
  type TestMembership,
  type TestRole,
} from '../../lib/testing/factories.ts';
import { asAdmin, asMember } from '../../lib/testing/identities.ts';
import { hierarchyContract, type HierarchyContract, type TreeNode } from './contract.ts';
import { createHierarchyDaemon } from './daemon.ts';

let bench: TestBench<HierarchyContract>;

let client: TestClient;
let checker: TestRole;
/** boss → lead → rep, and beside lead: peer. Beside boss: secondBoss. */
let boss: TestMembership;
let lead: TestMembership;
let rep: TestMembership;
let peer: TestMembership;
let secondBoss: TestMembership;
let foreign: TestMembership;

beforeAll(async () => {
  bench = await openTestBench({ contract: hierarchyContract, create: createHierarchyDaemon });
  client = await aClient(bench.db);
  checker = await aRole(bench.db, { grants: ['POST /api/hierarchy/check'] });
  boss = await aMembership(bench.db, { client });
  lead = await aMembership(bench.db, { reportsTo: boss });
  peer = await aMembership(bench.db, { reportsTo: boss });
  rep = await aMembership(bench.db, { reportsTo: lead, role: checker });
  secondBoss = await aMembership(bench.db, { client });
  foreign = await aMembership(bench.db);
});

afterAll(() => bench.stop());

const admin = () => bench.daemon.client(asAdmin());
const as = (member: TestMembership) => bench.daemon.client(asMember(member));
const at = (member: { id: string }) => ({ client_id: client.clientId, user_client_id: member.id });

type Shape = { [id: string]: Shape };
const shapeOf = (nodes: readonly TreeNode[]): Shape =>
  Object.fromEntries(nodes.map((node) => [node.id, shapeOf(node.children)]));

describe('the tree', () => {
  test('is the whole client for an admin, one’s own part for a member', async () => {
    const params = { client_id: client.clientId };
    const whole = await admin().call('tree', { params });
    const part = await as(lead).call('tree', { params });
    const leaf = await as(rep).call('tree', { params });
    if (!whole.ok || !part.ok || !leaf.ok) throw new Error('no tree');
    const leadPart = { [lead.id]: { [rep.id]: {} } };
    expect(shapeOf(whole.body.roots)).toEqual({
      [boss.id]: { ...leadPart, [peer.id]: {} },
      [secondBoss.id]: {},
    });
    expect(shapeOf(part.body.roots)).toEqual(leadPart);
    expect(shapeOf(leaf.body.roots)).toEqual({ [rep.id]: {} });
    expect(whole.body.truncated).toBe(false);
  });

  test('goes down as far as asked', async () => {
    const params = { client_id: client.clientId };
    const cut = await as(boss).call('tree', { params, query: { depth: 1 } });
    if (!cut.ok) throw new Error('no tree');
    expect(shapeOf(cut.body.roots)).toEqual({ [boss.id]: { [lead.id]: {}, [peer.id]: {} } });
  });

  test('of a client that is not there, or not the caller’s, is not found', async () => {
    const nowhere = await admin().call('tree', { params: { client_id: 'nowhere' } });
    const notMine = await as(lead).call('tree', { params: { client_id: foreign.clientId } });
    expect([nowhere, notMine]).toMatchObject([
      { problem: { code: 'not_found' } },
      { problem: { code: 'not_found' } },
    ]);
  });
});

describe('descendants', () => {
  test('come nearest first, a page at a time, without the member', async () => {
    const seen: [string, number][] = [];
    let cursor: string | undefined;
    do {
      const page = await as(boss).call('descendants', {
        params: at(boss),
        query: { limit: 1, ...(cursor === undefined ? {} : { cursor }) },
      });
      if (!page.ok) throw new Error(page.problem.detail);
      seen.push(...page.body.data.map(({ id, depth }): [string, number] => [id, depth]));
      cursor = page.body.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([
      [lead.id, 1],
      [peer.id, 1],
      [rep.id, 2],
    ]);
  });

  test('go down as far as asked', async () => {
    const near = await admin().call('descendants', { params: at(boss), query: { depth: 1 } });
    expect(near).toMatchObject({ body: { data: [{ id: lead.id }, { id: peer.id }] } });
  });

  test('of somebody above, beside or foreign are not found', async () => {
    for (const hidden of [boss, peer, secondBoss, foreign]) {
      const refused = await as(lead).call('descendants', { params: at(hidden) });
      expect(refused).toMatchObject({ problem: { status: 404 } });
    }
  });

  test('take only cursors that the list handed out', async () => {
    const cursor = Buffer.from(JSON.stringify(['x', 'y'])).toString('base64url');
    const refused = await admin().call('descendants', { params: at(boss), query: { cursor } });
    expect(refused).toMatchObject({ problem: { status: 422 } });
  });
});

describe('ancestors', () => {
  test('come nearest first, up to the root', async () => {
    const above = await as(rep).call('ancestors', { params: at(rep) });
    expect(above).toMatchObject({
      body: {
        data: [
          { id: lead.id, depth: 1 },
          { id: boss.id, depth: 2 },
        ],
        next_cursor: null,
      },
    });
    expect(await as(rep).call('ancestors', { params: at(lead) })).toMatchObject({
      problem: { status: 404 },
    });
  });
});

describe('check', () => {
  const check = (caller: ReturnType<typeof admin>, actor: TestMembership, target: { id: string }) =>
    caller.call('check', {
      body: { actor_user_client_id: actor.id, target_user_client_id: target.id },
    });

  test('allows oneself and those below, with how far below, and says why', async () => {
    const answers = [
      await check(admin(), boss, rep),
      await check(as(rep), lead, rep),
      await check(as(rep), rep, rep),
      await check(as(rep), rep, lead),
      await check(as(rep), lead, peer),
    ];
    expect(answers).toMatchObject([
      { body: { allowed: true, depth: 2, reason: 'The target is 2 levels below the actor.' } },
      { body: { allowed: true, depth: 1 } },
      { body: { allowed: true, depth: 0 } },
      { body: { allowed: false, depth: null, reason: 'The target is not below the actor.' } },
      { body: { allowed: false, depth: null } },
    ]);
  });

  test('knows nothing of members of different clients, of a foreign client, or of nobody', async () => {
    const outsider = as(foreign);
    const refusals = [
      await check(admin(), boss, foreign),
      await check(admin(), boss, { id: newId() }),
      await check(outsider, boss, rep),
      await check(as(rep), foreign, foreign),
    ];
    expect(refusals).toMatchObject(refusals.map(() => ({ problem: { code: 'not_found' } })));
  });

  test('takes the grant in the client of the two, which is active, and no other client’s', async () => {
    const elsewhere = await aMembership(bench.db, { role: checker });
    const asMemberOf = bench.daemon.client(asMember(elsewhere));
    const own = await aMembership(bench.db, {
      client,
      user: { id: elsewhere.userId, email: '' },
      role: await aRole(bench.db),
    });
    expect(await check(asMemberOf, own, own)).toMatchObject({ problem: { code: 'forbidden' } });

    await bench.db.query('UPDATE user_clients SET role_id = $1 WHERE id = $2', [
      checker.id,
      own.id,
    ]);
    expect(await check(asMemberOf, own, own)).toMatchObject({ body: { allowed: true } });

    await bench.db.query("UPDATE clients SET status = 'suspended' WHERE client_id = $1", [
      client.clientId,
    ]);
    expect(await check(asMemberOf, own, own)).toMatchObject({
      problem: { code: 'client_suspended' },
    });
    await bench.db.query("UPDATE clients SET status = 'active' WHERE client_id = $1", [
      client.clientId,
    ]);
  });
});
