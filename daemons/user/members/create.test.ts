import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../lib/core/ids.ts';
import { aRole, aUser, unique, type TestMembership } from '../../../lib/testing/factories.ts';
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

describe('adding a member', () => {
  test('by an unknown e-mail registers an invited user, whose link is shown this once', async () => {
    const { client, role, boss, lead } = team;
    const email = `new-${unique()}@example.com`;
    const created = await admin().call('createMember', {
      params: inClient(),
      body: { email, role: role.name, reports_to_user_client_id: lead.id },
    });
    if (!created.ok) throw new Error(created.problem.detail);
    const { invitation, ...member } = created.body;
    expect(member).toEqual({
      id: member.id,
      user_id: member.user_id,
      email,
      user_status: 'invited',
      client_id: client.clientId,
      role: { id: role.id, name: role.name, level: '20' },
      reports_to_user_client_id: lead.id,
    });
    expect(invitation?.token).toMatch(/^[\w-]{43}$/);
    const read = await admin().call('getMember', { params: at(member) });
    expect(read).toMatchObject({ body: member });
    expect(read).not.toHaveProperty('body.invitation');
    expect(await ancestorsOf(bench.db, member.id)).toEqual([
      [member.id, 0],
      [lead.id, 1],
      [boss.id, 2],
    ]);
    expect(await auditOf(bench.db, member.id)).toMatchObject([
      { action: 'member.create', client_id: client.clientId },
    ]);
    expect(await auditOf(bench.db, member.user_id)).toMatchObject([{ action: 'user.create' }]);
  });

  test('of a known e-mail takes that user, without a link', async () => {
    const { role } = team;
    const user = await aUser(bench.db, { emailProven: true });
    const created = await admin().call('createMember', {
      params: inClient(),
      body: { email: user.email.toUpperCase(), role_id: role.id },
    });
    expect(created).toMatchObject({ body: { user_id: user.id, reports_to_user_client_id: null } });
    expect(created).not.toHaveProperty('body.invitation');
  });

  test('twice is a conflict, also when both ask at once', async () => {
    const { role } = team;
    const user = await aUser(bench.db, { emailProven: true });
    const ask = () =>
      admin().call('createMember', {
        params: inClient(),
        body: { user_id: user.id, role: role.name },
      });
    const outcomes = await Promise.all([ask(), ask()]);
    expect(
      outcomes.map((outcome) => (outcome.ok ? 'created' : outcome.problem.code)).toSorted(),
    ).toEqual(['conflict', 'created']);
  });

  test('names the field that is at fault', async () => {
    const { role, foreign } = team;
    const { id: user_id } = await aUser(bench.db, { emailProven: true });
    const body = { user_id, role: role.name };
    const cases = [
      [{ ...body, reports_to_user_client_id: foreign.id }, 'body.reports_to_user_client_id'],
      [{ ...body, reports_to_user_client_id: newId() }, 'body.reports_to_user_client_id'],
      [{ ...body, role: 'nobody has this' }, 'body.role'],
      [{ user_id, role_id: newId() }, 'body.role_id'],
      [{ ...body, user_id: newId() }, 'body.user_id'],
      [{ ...body, email: 'both@example.com' }, 'body.user_id'],
      [{ user_id }, 'body.role'],
    ] as const;
    for (const [wrong, path] of cases) {
      const refused = await admin().call('createMember', { params: inClient(), body: wrong });
      expect(refused).toMatchObject({ problem: { status: 422, errors: [{ path }] } });
    }
  });

  test('by a member places it under themselves or somebody below, never elsewhere', async () => {
    const { role, boss, lead, rep, peer, peerRep, foreign } = team;
    const body = async () => ({
      user_id: (await aUser(bench.db, { emailProven: true })).id,
      role: role.name,
    });
    const params = inClient();
    const plain = await as(lead).call('createMember', { params, body: await body() });
    expect(plain).toMatchObject({ body: { reports_to_user_client_id: lead.id } });
    const below = await as(lead).call('createMember', {
      params,
      body: { ...(await body()), reports_to_user_client_id: rep.id },
    });
    expect(below).toMatchObject({ body: { reports_to_user_client_id: rep.id } });
    for (const elsewhere of [boss, peer, peerRep, foreign]) {
      const refused = await as(lead).call('createMember', {
        params,
        body: { ...(await body()), reports_to_user_client_id: elsewhere.id },
      });
      expect(refused).toMatchObject({ problem: { status: 422 } });
    }
    const asRoot = await as(lead).call('createMember', {
      params,
      body: { ...(await body()), reports_to_user_client_id: null },
    });
    expect(asRoot).toMatchObject({ problem: { status: 403 } });
  });

  test('never hands out a role more senior than one’s own', async () => {
    const { lead, rep } = team;
    const senior = await aRole(bench.db, { level: 19 });
    const equal = await aRole(bench.db, { level: 20 });
    const ask = async (roleId: string) =>
      as(lead).call('createMember', {
        params: inClient(),
        body: { user_id: (await aUser(bench.db, { emailProven: true })).id, role_id: roleId },
      });
    expect(await ask(senior.id)).toMatchObject({ problem: { status: 403 } });
    expect(await ask(equal.id)).toMatchObject({ status: 201 });
    const raised = await as(lead).call('updateMember', {
      params: at(rep),
      body: { role_id: senior.id },
    });
    expect(raised).toMatchObject({ problem: { status: 403 } });
  });

  test('of a disabled user, or to a client that is not there, is refused', async () => {
    const { role } = team;
    const { id } = await aUser(bench.db, { status: 'disabled' });
    const body = { user_id: id, role: role.name };
    const disabled = await admin().call('createMember', { params: inClient(), body });
    expect(disabled).toMatchObject({ problem: { status: 409 } });
    for (const params of [{ client_id: 'nowhere' }]) {
      const nowhere = await admin().call('createMember', { params, body });
      expect(nowhere).toMatchObject({ problem: { status: 404 } });
      expect(await admin().call('listMembers', { params })).toMatchObject({
        problem: { status: 404 },
      });
    }
  });
});
