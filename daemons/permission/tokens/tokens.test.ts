import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import {
  aClient,
  aMachineToken,
  aMembership,
  aRole,
  unique,
  type TestMembership,
  type TestRole,
} from '../../../lib/testing/factories.ts';
import { asAdmin, asMember, asToken } from '../../../lib/testing/identities.ts';
import { sha256 } from '../../../lib/secrets/tokens.ts';
import { permissionContract, type PermissionContract } from '../contract.ts';
import { createPermissionDaemon } from '../daemon.ts';

const TOKENS = [
  'POST /api/tokens',
  'GET /api/tokens',
  'GET /api/tokens/{token_id}',
  'DELETE /api/tokens/{token_id}',
];
const LEADS = 'GET /api/clients/{client_id}/leads';

let bench: TestBench<PermissionContract>;
/** At the top of the tree, with every grant about tokens; the rep below has them too. */
let boss: TestMembership;
let rep: TestMembership;
let junior: TestRole;
let beyond: TestRole;

beforeAll(async () => {
  bench = await openTestBench({ contract: permissionContract, create: createPermissionDaemon });
  const role = await aRole(bench.db, { level: 20, grants: [...TOKENS, LEADS] });
  junior = await aRole(bench.db, { level: 30, grants: [LEADS] });
  beyond = await aRole(bench.db, { level: 30, grants: [LEADS, 'GET /api/audit'] });
  boss = await aMembership(bench.db, { role });
  rep = await aMembership(bench.db, { reportsTo: boss, role });
});
afterAll(() => bench.stop());

const admin = () => bench.daemon.client(asAdmin());
const as = (member: TestMembership) => bench.daemon.client(asMember(member));
const name = () => `ci-${unique()}`;
const ofBoss = (role: TestRole) => ({
  name: name(),
  client_id: boss.clientId,
  role: role.name,
});

describe('a new machine token', () => {
  test('is shown once, and only its hash is kept', async () => {
    const body = { ...ofBoss(junior), expires_at: '2100-01-01T00:00:00.000Z' };
    const made = await admin().call('createToken', { body });
    if (!made.ok) throw new Error(made.problem.detail);
    const { token, ...shown } = made.body;
    expect(token).toMatch(/^lsk_[0-9A-Za-z]{40}$/);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(shown).toMatchObject({
      client_id: boss.clientId,
      role: { id: junior.id, name: junior.name, level: '30' },
      token_prefix: token.slice(0, 10),
      expires_at: body.expires_at,
      last_used_at: null,
    });
    const params = { token_id: shown.id };
    expect(await admin().call('getToken', { params })).toMatchObject({ body: shown });
    const { rows } = await bench.db.query(
      "SELECT token_hash, machine_tokens::text LIKE '%' || $2 || '%' AS kept FROM machine_tokens WHERE id = $1",
      [shown.id, token],
    );
    expect(rows).toEqual([{ token_hash: sha256(token), kept: false }]);
    const { rows: audited } = await bench.db.query(
      'SELECT action, client_id FROM audit_log WHERE target_id = $1',
      [shown.id],
    );
    expect(audited).toEqual([{ action: 'token.create', client_id: boss.clientId }]);
  });

  test('of an administrator is made by administrators alone', async () => {
    for (const api of [as(boss), bench.daemon.client(asToken({ role: boss }))]) {
      expect(await api.call('createToken', { body: { name: name() } })).toMatchObject({
        problem: { status: 403, code: 'forbidden' },
      });
    }
    const made = await bench.daemon
      .client(asToken())
      .call('createToken', { body: { name: name() } });
    expect(made).toMatchObject({ status: 201, body: { client_id: null, role: null } });
  });

  test('acts as nothing that its maker could not give, and is made at the top of the tree', async () => {
    const ask = async (who: TestMembership, role: TestRole) => {
      const made = await as(who).call('createToken', { body: ofBoss(role) });
      return made.ok ? 'made' : made.problem.detail;
    };
    const senior = await aRole(bench.db, { level: 10 });
    expect(await ask(boss, junior)).toBe('made');
    expect(await ask(boss, beyond)).toContain('GET /api/audit');
    expect(await ask(boss, senior)).toContain('more senior');
    expect(await ask(rep, junior)).toContain('report to nobody');
  });

  test('is made in the client named, where its maker needs the grant, and the client be active', async () => {
    const other = await aClient(bench.db);
    const plain = await aRole(bench.db, { level: 20 });
    const ask = (clientId: string) =>
      as(boss).call('createToken', { body: { ...ofBoss(junior), client_id: clientId } });
    expect(await ask(other.clientId)).toMatchObject({ problem: { status: 404 } });
    expect(await ask('nowhere')).toMatchObject({ problem: { status: 404 } });
    const user = { id: boss.userId, email: '' };
    await aMembership(bench.db, { client: other, user, role: plain });
    expect(await ask(other.clientId)).toMatchObject({ problem: { code: 'forbidden' } });
    const suspended = await aClient(bench.db, { status: 'suspended' });
    await aMembership(bench.db, { client: suspended, user });
    expect(await ask(suspended.clientId)).toMatchObject({ problem: { code: 'client_suspended' } });
    expect(
      await admin().call('createToken', { body: { ...ofBoss(junior), client_id: 'nowhere' } }),
    ).toMatchObject({ problem: { status: 404 } });
  });

  test('has a name of its own among the living, and either a client with a role or neither', async () => {
    const body = ofBoss(junior);
    const made = await as(boss).call('createToken', { body });
    if (!made.ok) throw new Error(made.problem.detail);
    expect(await as(boss).call('createToken', { body })).toMatchObject({
      problem: { code: 'conflict' },
    });
    await as(boss).call('revokeToken', { params: { token_id: made.body.id } });
    expect(await as(boss).call('createToken', { body })).toMatchObject({ status: 201 });
    for (const half of [
      { name: name(), role: junior.name },
      { name: name(), client_id: boss.clientId },
      { ...ofBoss(junior), role: 'nobody has this' },
    ]) {
      expect(await admin().call('createToken', { body: half })).toMatchObject({
        problem: { status: 422 },
      });
    }
  });
});

describe('machine tokens', () => {
  test('are shown and revoked in their own client alone, an administrator’s by administrators', async () => {
    const client = { clientId: boss.clientId };
    const own = await aMachineToken(bench.db, { client, role: junior });
    const foreign = await aMachineToken(bench.db, {
      client: await aClient(bench.db),
      role: junior,
    });
    const administrators = await aMachineToken(bench.db);
    const listed = await as(boss).call('listTokens', { query: { limit: 200 } });
    if (!listed.ok) throw new Error(listed.problem.detail);
    const ids = listed.body.data.map(({ id }) => id);
    expect(ids).toContain(own.id);
    expect(new Set(listed.body.data.map(({ client_id }) => client_id))).toEqual(
      new Set([boss.clientId]),
    );
    for (const { id } of [foreign, administrators]) {
      const params = { token_id: id };
      expect(await as(boss).call('getToken', { params })).toMatchObject({
        problem: { status: 404 },
      });
      expect(await as(boss).call('revokeToken', { params })).toMatchObject({
        problem: { status: 404 },
      });
      expect(await admin().call('revokeToken', { params })).toMatchObject({ status: 204 });
    }
  });

  test('that hold more than one’s own are not one’s to revoke', async () => {
    const client = { clientId: boss.clientId };
    const { id: token_id } = await aMachineToken(bench.db, { client, role: beyond });
    const params = { token_id };
    expect(await as(boss).call('revokeToken', { params })).toMatchObject({
      problem: { status: 403, detail: expect.stringContaining('GET /api/audit') },
    });
    expect(await admin().call('revokeToken', { params })).toMatchObject({ status: 204 });
    expect(await admin().call('revokeToken', { params })).toMatchObject({
      problem: { status: 404 },
    });
    expect(await admin().call('getToken', { params })).toMatchObject({
      body: { role: null, revoked_at: expect.any(String) },
    });
  });

  test('keep nobody from deleting their role once they are revoked', async () => {
    const role = await aRole(bench.db, { level: 30 });
    const client = { clientId: boss.clientId };
    const { id: token_id } = await aMachineToken(bench.db, { client, role });
    const remove = () => admin().call('deleteRole', { params: { role_id: role.id } });
    expect(await remove()).toMatchObject({ problem: { code: 'conflict' } });
    await admin().call('revokeToken', { params: { token_id } });
    expect(await remove()).toMatchObject({ status: 204 });
  });

  test('may be asked what they can do', async () => {
    const token = asToken({ role: boss });
    const ask = async (path: string, user_id = token.tokenId) => {
      const verdict = await bench.daemon
        .client(token)
        .call('checkAccess', { body: { user_id, method: 'GET', path } });
      return verdict.ok ? verdict.body.allowed : verdict.problem.code;
    };
    expect(await ask(`/api/clients/${boss.clientId}/leads`)).toBe(true);
    expect(await ask('/api/clients/other/leads')).toBe(false);
    expect(await ask('/api/audit')).toBe(false);
    expect(await ask('/api/audit', boss.userId)).toBe('forbidden');
  });
});
