import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startMailServer,
  tokenIn,
  type MailServer,
} from '../../../lib/mail/testing/mail-server.ts';
import { aMembership, aUser, unique, type TestMembership } from '../../../lib/testing/factories.ts';
import { startTestDaemon } from '../../../lib/testing/daemon.ts';
import { asAdmin, asMember } from '../../../lib/testing/identities.ts';
import { userContract } from '../contract.ts';
import { createUserDaemon } from '../daemon.ts';
import {
  aTeam,
  openUserBench,
  userSettingsOf,
  type TestTeam,
  type UserBench,
} from '../testing/bench.ts';

let bench: UserBench;
let team: TestTeam;
let mail: MailServer;
let mailing: UserBench;

beforeAll(async () => {
  mail = await startMailServer();
  bench = await openUserBench();
  mailing = await openUserBench({
    PUBLIC_URL: 'https://leads.example',
    SMTP_URL: mail.url,
    MAIL_FROM: 'leads@example.com',
  });
  team = await aTeam(bench.db);
});
afterAll(async () => {
  await bench.stop();
  await mailing.stop();
  await mail.stop();
});

const at = ({ clientId: client_id, id: user_client_id }: TestMembership) => ({
  client_id,
  user_client_id,
});
const linksOf = async (of: UserBench, userId: string) => {
  const { rows } = await of.db.query<{ by_mail: boolean; within_client: string | null }>(
    'SELECT by_mail, within_client FROM password_links WHERE user_id = $1',
    [userId],
  );
  return rows;
};

describe('a new invitation of a member', () => {
  const aMemberWho = async (is: Parameters<typeof aUser>[1]) =>
    aMembership(bench.db, {
      user: await aUser(bench.db, is),
      reportsTo: team.lead,
      role: team.role,
    });
  const invite = (by: TestMembership, member: TestMembership) =>
    bench.daemon.client(asMember(by)).call('inviteMember', { params: at(member) });

  test('replaces the earlier link, and is shown to whoever is above them', async () => {
    const member = await aMemberWho({ status: 'invited' });
    await invite(team.boss, member);
    const second = await invite(team.lead, member);
    expect(second).toMatchObject({
      status: 201,
      body: { emailed: false, url: expect.stringMatching(/^https:.*\/account\/#token=[\w-]{43}$/) },
    });
    expect(await linksOf(bench, member.userId)).toEqual([
      { by_mail: false, within_client: team.client.clientId },
    ]);
    expect(await invite(team.peer, member)).toMatchObject({ problem: { status: 404 } });
    expect(await invite(member, member)).toMatchObject({ problem: { status: 403 } });
  });

  test('shuts whoever had seen the earlier link out at once, with all that they set', async () => {
    for (const invitedBy of ['member', 'admin', 'operator'] as const) {
      const member = await aMemberWho({ status: 'active', password: 'of-who-saw-the-link' });
      await bench.db.query(
        `WITH made AS (
           INSERT INTO sessions (id, user_id, created_at, expires_at)
           VALUES (gen_random_uuid(), $1, now(), now() + interval '1 day'))
         UPDATE users SET has_totp = true WHERE id = $1`,
        [member.userId],
      );
      const invited =
        invitedBy === 'member'
          ? await invite(team.boss, member)
          : await bench.daemon
              .client(invitedBy === 'admin' ? asAdmin() : asMember(team.boss))
              .call('inviteUser', { params: { user_id: member.userId } });
      expect(invited).toMatchObject({ status: 201 });
      const { rows } = await bench.db.query(
        `SELECT password_hash, status, has_totp, email_proven,
           (SELECT count(*)::int FROM sessions WHERE user_id = $1 AND ended_at IS NULL) AS sessions
         FROM users WHERE id = $1`,
        [member.userId],
      );
      const shut = { password_hash: null, status: 'invited', has_totp: false, sessions: 0 };
      expect(rows).toEqual([{ ...shut, email_proven: false }]);
    }
  });

  test('takes nothing from whoever has proven the address', async () => {
    const proven = await aMemberWho({ emailProven: true, password: 'of-the-owner' });
    const asked = await bench.daemon
      .client(asAdmin())
      .call('inviteUser', { params: { user_id: proven.userId } });
    expect(asked).toMatchObject({ status: 201 });
    const { rows } = await bench.db.query(
      'SELECT status, password_hash IS NULL AS gone FROM users WHERE id = $1',
      [proven.userId],
    );
    expect(rows).toEqual([{ status: 'active', gone: false }]);
  });

  test('of an admin’s making is bound to no client', async () => {
    const member = await aMemberWho({ status: 'invited' });
    await bench.daemon.client(asAdmin()).call('inviteMember', { params: at(member) });
    expect(await linksOf(bench, member.userId)).toEqual([{ by_mail: false, within_client: null }]);
  });

  test('is for those who have proven nothing, and says so of the others', async () => {
    const registered = await aMemberWho({ status: 'active' });
    expect(await invite(team.boss, registered)).toMatchObject({ status: 201 });
    const proven = await aMemberWho({ emailProven: true });
    expect(await invite(team.boss, proven)).toMatchObject({
      problem: { status: 409, detail: expect.stringContaining('/account/#forgot') },
    });
    const disabled = await aMemberWho({ status: 'disabled' });
    expect(await invite(team.boss, disabled)).toMatchObject({ problem: { status: 409 } });
    const admin = await aMemberWho({ isAdmin: true });
    expect(await invite(team.boss, admin)).toMatchObject({ problem: { status: 403 } });
  });

  test('is made a hundred times an hour by one who is no admin', async () => {
    const { boss, role } = await aTeam(bench.db);
    const below = await aMembership(bench.db, {
      user: await aUser(bench.db, { status: 'invited' }),
      reportsTo: boss,
      role,
    });
    // Whichever user daemon is asked.
    const other = await startTestDaemon({
      contract: userContract,
      database: { url: bench.databaseUrl },
      create: (deps) => createUserDaemon(deps, userSettingsOf(bench.databaseUrl)),
    });
    const elsewhere = () =>
      other.client(asMember(boss)).call('inviteMember', { params: at(below) });
    for (let made = 0; made < 50; made += 1) {
      expect(await invite(boss, below)).toMatchObject({ status: 201 });
      expect(await elsewhere()).toMatchObject({ status: 201 });
    }
    expect(await invite(boss, below)).toMatchObject({ problem: { code: 'rate_limited' } });
    expect(await elsewhere()).toMatchObject({ problem: { code: 'rate_limited' } });
    await other.stop();
  }, 60_000);
});

describe('an invitation, where there is a mail server,', () => {
  const create = async (email: string) => {
    const { client, role, boss } = await aTeam(mailing.db);
    const made = await mailing.daemon.client(asMember(boss)).call('createMember', {
      params: { client_id: client.clientId },
      body: { email, role: role.name },
    });
    if (!made.ok) throw new Error(made.problem.detail);
    return made.body;
  };

  test('goes to its user and is shown to nobody else', async () => {
    const email = `new-${unique()}@example.com`;
    const { invitation } = await create(email);
    expect(invitation).toEqual({ emailed: true, expires_at: invitation?.expires_at });
    const sent = mail.mails.find(({ to }) => to.includes(email));
    expect(tokenIn(sent)).toMatch(/^[\w-]{43}$/);
  });

  test('that cannot be mailed is shown to the inviter with the reason, and proves nothing then', async () => {
    mail.refuse(true);
    const { invitation, user_id } = await create(`new-${unique()}@example.com`);
    mail.refuse(false);
    expect(invitation).toMatchObject({
      emailed: false,
      url: expect.stringContaining('/account/#token='),
      email_failure: expect.stringContaining('no such mailbox'),
    });
    expect(await linksOf(mailing, user_id)).toMatchObject([{ by_mail: false }]);
  });
});
