import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { openTestBench, type TestBench } from '../../../lib/testing/bench.ts';
import {
  aClient,
  aMembership,
  aRole,
  aUser,
  type TestMembership,
} from '../../../lib/testing/factories.ts';
import { asAdmin, asUser } from '../../../lib/testing/identities.ts';
import { permissionContract, type PermissionContract } from '../contract.ts';
import { createPermissionDaemon } from '../daemon.ts';

const LEADS = '/api/clients/{client_id}/leads';
const ROLES = '/api/roles';

let bench: TestBench<PermissionContract>;
let member: TestMembership;

beforeAll(async () => {
  bench = await openTestBench({ contract: permissionContract, create: createPermissionDaemon });
  const role = await aRole(bench.db, { name: 'rep', level: 30, grants: [`GET ${LEADS}`] });
  await aRole(bench.db, { name: 'boss', grants: [`POST ${LEADS}`, `GET ${ROLES}`] });
  member = await aMembership(bench.db, { role });
});

afterAll(() => bench.stop());

interface Question {
  user_id?: string;
  client_id?: string | null;
  method?: string;
  path?: string;
}

async function ask(question: Question = {}, as: UserIdentity = asAdmin()) {
  const answer = await bench.daemon.client(as).call('checkAccess', {
    body: {
      user_id: member.userId,
      client_id: member.clientId,
      method: 'GET',
      path: LEADS,
      ...question,
    },
  });
  return answer.ok ? answer.body : answer.problem;
}

describe('what a member may do', () => {
  test('is allowed by the role that holds it, and the role is named', async () => {
    expect(await ask()).toEqual({
      allowed: true,
      reason: `Role rep in ${member.clientId} holds GET ${LEADS}.`,
      role: { id: member.roleId, name: 'rep', level: '30' },
      permission_id: expect.any(String),
    });
  });

  test('can be asked with the path as it is called', async () => {
    const path = `/api/clients/${member.clientId}/leads?limit=1`;
    expect(await ask({ path, client_id: null })).toMatchObject({ allowed: true });
    expect(await ask({ path, method: 'get' })).toMatchObject({ allowed: true });
    expect(await ask({ path, method: 'POST' })).toMatchObject({ allowed: false });
  });

  test('is denied with the role that lacks it, and what it would need', async () => {
    expect(await ask({ method: 'POST' })).toMatchObject({
      allowed: false,
      reason: `Role rep does not hold POST ${LEADS}.`,
      role: { name: 'rep' },
      permission_id: expect.any(String),
    });
    expect(await ask({ path: ROLES })).toMatchObject({ allowed: false });
  });

  test('ends at the client’s border, with its suspension and with the user’s account', async () => {
    const other = await aClient(bench.db);
    const foreign = await ask({ client_id: other.clientId });
    expect(foreign).toMatchObject({ allowed: false, role: null });
    const suspended = await aMembership(bench.db, {
      client: await aClient(bench.db, { status: 'suspended' }),
    });
    expect(await ask({ user_id: suspended.userId, client_id: suspended.clientId })).toMatchObject({
      allowed: false,
      reason: `Client ${suspended.clientId} is suspended.`,
    });
    const disabled = await aMembership(bench.db, {
      user: await aUser(bench.db, { status: 'disabled' }),
    });
    expect(await ask({ user_id: disabled.userId, client_id: disabled.clientId })).toMatchObject({
      allowed: false,
      reason: 'The user is disabled.',
    });
  });

  test('is nothing that no daemon registered, except for an admin', async () => {
    const path = '/api/clients/{client_id}/secrets';
    expect(await ask({ path })).toMatchObject({ allowed: false, permission_id: null });
    const admin = await aUser(bench.db, { isAdmin: true });
    expect(await ask({ path, user_id: admin.id })).toMatchObject({
      allowed: true,
      reason: 'Admins pass every check.',
    });
  });
});

describe('the question itself', () => {
  test('about oneself is everybody’s, about another an admin’s', async () => {
    expect(await ask({}, asUser({ id: member.userId }))).toMatchObject({ allowed: true });
    const nosy = await ask({}, asUser(await aUser(bench.db)));
    expect(nosy).toMatchObject({ status: 403, code: 'forbidden' });
  });

  test('must agree with itself about the client', async () => {
    const path = `/api/clients/${member.clientId}/leads`;
    for (const wrong of [{ path, client_id: 'other' }, { client_id: null }]) {
      expect(await ask(wrong)).toMatchObject({ status: 422, errors: [{ path: 'body.client_id' }] });
    }
  });

  test('about a user who does not exist is a 404', async () => {
    const missing = await ask({ user_id: '00000000-0000-7000-8000-000000000000' });
    expect(missing).toMatchObject({ status: 404, code: 'not_found' });
  });
});
