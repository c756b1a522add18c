import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../lib/core/ids.ts';
import { sha256Hex } from '../../lib/secrets/tokens.ts';
import { aMembership, aUser, unique } from '../../lib/testing/factories.ts';
import { asAdmin, asUser } from '../../lib/testing/identities.ts';
import { auditOf, openUserBench, type UserBench } from './testing/bench.ts';

let bench: UserBench;

beforeAll(async () => {
  bench = await openUserBench();
});

afterAll(async () => {
  await bench.stop();
});

const admin = () => bench.daemon.client(asAdmin());
const anEmail = () => `someone-${unique()}@example.com`;

describe('users', () => {
  test('without a password are invited by a link that is kept only as a hash', async () => {
    const email = anEmail();
    const created = await admin().call('createUser', {
      body: { email: ` ${email.toUpperCase()} ` },
    });
    expect(created).toMatchObject({
      status: 201,
      body: { email, status: 'invited', is_admin: false },
    });
    if (!created.ok || created.body.invitation === undefined) throw new Error('no invitation');
    const { token = '', url, emailed } = created.body.invitation;
    expect({ url, emailed }).toEqual({
      url: `https://leads.example/account/#token=${token}`,
      emailed: false,
    });
    const { rows } = await bench.db.query(
      'SELECT user_id FROM password_links WHERE token_hash = $1',
      [Buffer.from(sha256Hex(token), 'hex')],
    );
    expect(rows).toEqual([{ user_id: created.body.id }]);
    expect(JSON.stringify(await auditOf(bench.db, created.body.id))).not.toContain(email);
  });

  test('with a password are active at once and get no link', async () => {
    const body = { email: anEmail(), password: 'correct horse battery', is_admin: true };
    const created = await admin().call('createUser', { body });
    expect(created).toMatchObject({ ok: true, body: { status: 'active', is_admin: true } });
    expect(created).not.toHaveProperty('body.invitation');
    expect(created).not.toHaveProperty('body.password_hash');
  });

  test('have the phone number at which whoever works on a lead is written to', async () => {
    const phone = '+4915112345678';
    const created = await admin().call('createUser', { body: { email: anEmail(), phone } });
    if (!created.ok) throw new Error(JSON.stringify(created.problem));
    expect(created.body).toMatchObject({ phone });
    const params = { user_id: created.body.id };
    const moved = await admin().call('updateUser', { params, body: { phone: ' +442079460000 ' } });
    expect(moved).toMatchObject({ ok: true, body: { phone: '+442079460000' } });
    for (const wrong of ['0151 12345678', '+0151', '+49', 'x']) {
      const body = { phone: wrong };
      expect(await admin().call('updateUser', { params, body })).toMatchObject({
        problem: { status: 422, errors: [{ path: 'body.phone' }] },
      });
    }
    expect(await admin().call('getUser', { params })).toMatchObject({
      body: { phone: '+442079460000' },
    });
    await admin().call('updateUser', { params, body: { phone: null } });
    const listed = await admin().call('listUsers', { query: { q: created.body.email } });
    expect(listed).toMatchObject({ body: { data: [{ phone: null }] } });
    // The log keeps no whole number.
    const log = JSON.stringify(await auditOf(bench.db, params.user_id));
    expect(log).toContain('"phone"');
    expect(log).not.toMatch(/15112345678|2079460000/);
  });

  test('are vouched for by the admin who makes them, or later; not those who registered', async () => {
    const created = await admin().call('createUser', { body: { email: anEmail() } });
    expect(created).toMatchObject({ body: { email_proven: true, has_totp: false } });
    const user = await aUser(bench.db);
    const params = { user_id: user.id };
    expect(await admin().call('getUser', { params })).toMatchObject({
      body: { email_proven: false },
    });
    const body = { email_proven: true };
    expect(await admin().call('updateUser', { params, body })).toMatchObject({ body });
    expect(await auditOf(bench.db, user.id)).toMatchObject([
      { action: 'user.update', detail: { email_proven: [false, true] } },
    ]);
  });

  test('who lost their phone get rid of the authenticator app by an admin', async () => {
    const user = await aUser(bench.db);
    await bench.db.query('UPDATE users SET has_totp = true WHERE id = $1', [user.id]);
    const changed = await admin().call('updateUser', {
      params: { user_id: user.id },
      body: { has_totp: false },
    });
    expect(changed).toMatchObject({ body: { has_totp: false } });
    expect(await auditOf(bench.db, user.id)).toMatchObject([
      { detail: { has_totp: [true, false] } },
    ]);
  });

  test('get no password that is easy to guess', async () => {
    const body = { email: anEmail(), password: 'password12' };
    expect(await admin().call('createUser', { body })).toMatchObject({
      problem: { status: 422, errors: [{ path: 'body.password' }] },
    });
  });

  test('have one e-mail each, and a password that bcrypt reads to its end', async () => {
    const { email } = await aUser(bench.db);
    const taken = await admin().call('createUser', { body: { email } });
    expect(taken).toMatchObject({ problem: { status: 409, code: 'email_taken' } });
    const long = await admin().call('createUser', {
      body: { email: anEmail(), password: 'ü'.repeat(37) },
    });
    expect(long).toMatchObject({
      problem: {
        status: 422,
        errors: [{ path: 'body.password', message: expect.stringContaining('72 bytes') }],
      },
    });
  });

  test('are listed newest first, a page at a time, and found by part of an e-mail', async () => {
    const mark = unique();
    const users = [];
    for (const name of ['a', 'b', 'c']) {
      users.push(await aUser(bench.db, { email: `${name}-${mark}_x%@example.com` }));
    }
    const first = await admin().call('listUsers', { query: { q: `${mark}_X%`, limit: 2 } });
    if (!first.ok || first.body.next_cursor === null) throw new Error('no second page');
    const second = await admin().call('listUsers', {
      query: { q: `${mark}_X%`, limit: 2, cursor: first.body.next_cursor },
    });
    if (!second.ok) throw new Error('no second page');
    const listed = [...first.body.data, ...second.body.data].map(({ id }) => id);
    expect(listed).toEqual(users.map(({ id }) => id).toReversed());
    expect(second.body.next_cursor).toBeNull();
    const cursor = Buffer.from('["made up"]').toString('base64url');
    const madeUp = await admin().call('listUsers', { query: { cursor } });
    expect(madeUp).toMatchObject({ problem: { status: 422, errors: [{ path: 'query.cursor' }] } });
    const none = await admin().call('listUsers', { query: { q: `${mark}%x` } });
    expect(none).toMatchObject({ body: { data: [] } });
  });

  test('are read with their memberships in every client', async () => {
    const user = await aUser(bench.db);
    const here = await aMembership(bench.db, { user });
    const there = await aMembership(bench.db, { user });
    const read = await admin().call('getUser', { params: { user_id: user.id } });
    if (!read.ok) throw new Error('not read');
    expect(read.body.memberships.map(({ id }) => id).toSorted()).toEqual(
      [here.id, there.id].toSorted(),
    );
    const unknown = await admin().call('getUser', { params: { user_id: newId() } });
    expect(unknown).toMatchObject({ problem: { code: 'not_found' } });
  });

  test('that are disabled lose their sessions and links; enabled without a password they are invited', async () => {
    const user = await aUser(bench.db, { status: 'invited' });
    await bench.db.query(
      `INSERT INTO sessions (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`,
      [newId(), user.id],
    );
    const params = { user_id: user.id };
    await admin().call('inviteUser', { params });
    const disabled = await admin().call('updateUser', { params, body: { status: 'disabled' } });
    expect(disabled).toMatchObject({ body: { status: 'disabled' } });
    const { rows } = await bench.db.query(
      `SELECT (SELECT count(*)::int FROM sessions WHERE user_id = $1 AND ended_at IS NULL) AS sessions,
         (SELECT count(*)::int FROM password_links WHERE user_id = $1) AS links`,
      [user.id],
    );
    expect(rows).toEqual([{ sessions: 0, links: 0 }]);
    expect(await admin().call('inviteUser', { params })).toMatchObject({
      problem: { status: 409 },
    });
    const enabled = await admin().call('updateUser', { params, body: { status: 'active' } });
    expect(enabled).toMatchObject({ body: { status: 'invited' } });
    const actions = (await auditOf(bench.db, user.id)).map(({ action, detail }) => [
      action,
      detail,
    ]);
    expect(actions).toEqual([
      ['user.invite', {}],
      ['user.update', { status: ['invited', 'disabled'] }],
      ['user.update', { status: ['disabled', 'invited'] }],
    ]);
  });

  test('never lose their last active admin, not even to two requests at once', async () => {
    await bench.db.query('UPDATE users SET is_admin = false');
    const admins = [
      await aUser(bench.db, { isAdmin: true }),
      await aUser(bench.db, { isAdmin: true }),
    ];
    await aUser(bench.db, { isAdmin: true, status: 'disabled' });
    const outcomes = await Promise.all(
      admins.map(({ id }, index) =>
        admin().call('updateUser', {
          params: { user_id: id },
          body: index === 0 ? { status: 'disabled' } : { is_admin: false },
        }),
      ),
    );
    expect(
      outcomes.map((outcome) => (outcome.ok ? 'done' : outcome.problem.code)).toSorted(),
    ).toEqual(['conflict', 'done']);
    const { rows } = await bench.db.query(
      `SELECT count(*)::int AS n FROM users WHERE is_admin AND status = 'active'`,
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('are for whoever has a role', async () => {
    const refused = await bench.daemon.client(asUser({ id: newId() })).call('listUsers', {});
    expect(refused).toMatchObject({ problem: { status: 403, code: 'forbidden' } });
    expect(await bench.daemon.client().call('listUsers', {})).toMatchObject({
      problem: { status: 401 },
    });
  });
});
