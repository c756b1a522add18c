import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CONTRACTS } from '../../bin/host/registry.ts';
import { toOpenApi } from '../../lib/contract/openapi.ts';
import { internalPath, reachOf } from '../../lib/contract/route.ts';
import { IDENTITY_HEADER } from '../../lib/identity/seal.ts';
import { aMachineToken, unique } from '../../lib/testing/factories.ts';
import { anApiKey } from '../../lib/testing/lead-factories.ts';
import { ask, type Answer, type Ask } from './ask.ts';
import { anAdmin, machineTokens, people, pretenders } from './callers.ts';
import type { Caller, TestAdmin } from './callers.ts';
import { makeRoles, makeWorld, type Roles, type World } from './cast.ts';
import { operationsOf } from './document.ts';
import {
  expectedAt,
  expectedOf,
  expectedOfTokens,
  NOT_FOUND,
  PASSES,
  PERSONS,
  type Person,
} from './expected.ts';
import { PLACES } from './items.ts';
import { startPlatform, type AccessPlatform } from './platform.ts';
import {
  aSpareMember,
  bodyFor,
  keyOf,
  pathFor,
  placeOf,
  placesOf,
  type Operation,
} from './requests.ts';

const OPERATIONS = operationsOf(toOpenApi(CONTRACTS, 'test'));
const those = (isMeant: (operation: Operation) => boolean) =>
  OPERATIONS.filter(isMeant).map((operation) => [keyOf(operation.route), operation] as const);
const withAccess = (...kinds: string[]) => those(({ route }) => kinds.includes(route.access));
const SHAPES = ['in one process', 'apart'] as const;

let platform: AccessPlatform;
let roles: Roles;
let admin: TestAdmin;

beforeAll(async () => {
  platform = await startPlatform();
  roles = await makeRoles(platform.db);
  admin = await anAdmin(platform.db);
});
afterAll(() => platform?.stop());

/** Whether the caller gets so far that the member is changed or removed. */
const needsSpare = ({ route }: Operation, caller: string): boolean =>
  placesOf(route).includes('user_client_id') &&
  ['manager', 'admin', 'of an admin', 'of the client'].includes(caller);

test('every operation that is neither public nor for its owner alone can be granted to a role', async () => {
  const token = platform.tokenOf({ ...admin, isAdmin: true });
  const { text } = await ask(platform.gateways[0], { path: '/api/permissions', token });
  const listed = z
    .array(z.object({ method: z.string(), path: z.string() }))
    .parse(JSON.parse(text));
  const keys = listed.map(({ method, path }) => `${method} ${path}`);
  const grantable = OPERATIONS.filter(({ route }) => route.access === 'grant');
  expect(keys.toSorted()).toEqual(grantable.map(({ route }) => keyOf(route)).toSorted());
  const own = OPERATIONS.filter(
    ({ route }) => route.access === 'user' || route.access === 'bearer',
  );
  expect(own.map(({ route }) => route.path).filter((path) => !OWN.test(path))).toEqual([]);
});

/** What is about its caller alone. */
const OWN = /^\/api\/(?:auth\/|clients$|permissions\/check$)/;

test('the walk goes over every operation that the gateways document', async () => {
  for (const gateway of platform.gateways) {
    const { text } = await ask(gateway, { path: '/openapi.json' });
    const documented = operationsOf(JSON.parse(text)).map(({ route }) => keyOf(route));
    expect(documented.toSorted()).toEqual(OPERATIONS.map(({ route }) => keyOf(route)).toSorted());
  }
  expect(OPERATIONS.length).toBeGreaterThan(80);
});

describe.each(SHAPES)('with the gateway %s', (shape) => {
  const gateway = () => platform.gateways[shape === 'apart' ? 1 : 0];

  /** The operation on a thing of the world's, made now where it is not given. */
  const prepare = async (
    { route, ...operation }: Operation,
    world: World,
    given: Readonly<Record<string, string>> = {},
    callerId = world.manager.userId,
  ): Promise<Ask> => {
    const { db } = platform;
    return {
      method: route.method,
      path: await pathFor(db, world, route, given),
      body: await bodyFor({ route, ...operation }, { db, world, callerId }),
    };
  };
  /** The answer to this caller: one that the operation documents. */
  const put = async (
    { statuses }: Operation,
    question: Ask,
    caller: Pick<Ask, 'token' | 'apiKey'>,
  ): Promise<Answer> => {
    const answer = await ask(gateway(), { ...question, ...caller });
    const isDocumented = statuses.includes(String(answer.status));
    expect(isDocumented ? 'documented' : answer).toBe('documented');
    return answer;
  };

  describe.concurrent.each(withAccess('user', 'bearer', 'grant'))('%s', (_key, operation) => {
    /** A thing of their own for those who may change or remove it. */
    const fresh = async (world: World, person: Person, callerId: string): Promise<Ask> => {
      const given = needsSpare(operation, person)
        ? { user_client_id: await aSpareMember(platform.db, world) }
        : {};
      return prepare(operation, world, given, callerId);
    };

    test('lets in whom it should, and tells the others no more than they may know', async () => {
      const world = await makeWorld(platform.db, roles);
      const outcomes: Record<string, string> = {};
      const expected: Record<string, string> = { ...expectedAt(operation.route) };
      const guarded = await prepare(operation, world);
      for (const [name, caller] of Object.entries(pretenders(platform, admin))) {
        outcomes[name] = (await put(operation, guarded, caller)).outcome;
        expected[name] = expectedOf(name);
      }
      const everybody = people(platform, world, admin);
      for (const person of PERSONS) {
        const { token, userId } = everybody[person];
        const isRefused = /^40[134] (?:un|for|not|client)/.test(expected[person] ?? '');
        const question = isRefused ? guarded : await fresh(world, person, userId);
        outcomes[person] = (await put(operation, question, { token })).outcome;
      }
      expect(outcomes).toEqual(expected);
    });
  });

  test.concurrent.each(those((operation) => foreignPlacesOf(operation).length > 0))(
    '%s finds nothing of another client’s through one’s own',
    async (_key, operation) => {
      const world = await makeWorld(platform.db, roles);
      const { manager, admin: administrator } = people(platform, world, admin);
      for (const name of foreignPlacesOf(operation)) {
        const given = { [name]: (await placeOf(name).makeForeign?.(platform.db, world)) ?? '' };
        const question = await prepare(operation, world, given);
        for (const { token } of [manager, administrator]) {
          expect((await put(operation, question, { token })).outcome).toBe(NOT_FOUND);
        }
      }
    },
  );

  test.concurrent.each(those(isList))(
    '%s shows members nothing of what is not theirs',
    async (_key, operation) => {
      const { db } = platform;
      const world = await makeWorld(db, roles);
      const hidden = [world.other.clientId, world.foreigner.id, world.foreigner.userId];
      const owned = [world.owner.id];
      const own: string[] = [world.client.clientId];
      for (const [name, place] of Object.entries(PLACES)) {
        if (place.makeForeign) hidden.push(await place.makeForeign(db, world));
        const id = await placeOf(name).make(db, world, operation.route.path);
        (place.belongs === 'owned' ? owned : own).push(id);
      }
      const { manager, sibling, junior } = people(platform, world, admin);
      const question = await prepare(operation, world);
      const shown = async ({ token }: Caller, ids: readonly string[]) => {
        const { text } = await put(operation, question, { token });
        return ids.filter((id) => text.includes(id));
      };
      const isQuiet = QUIET.has(keyOf(operation.route));
      expect((await shown(manager, [...own, ...owned])).length > 0).toBe(!isQuiet);
      expect(await shown(manager, hidden)).toEqual([]);
      expect(await shown(sibling, [...hidden, ...owned])).toEqual([]);
      expect(await shown(junior, [...hidden, ...owned.slice(1)])).toEqual([]);
    },
  );

  test.concurrent.each(those(({ route }) => reachOf(route) === 'client'))(
    '%s knows no client that is not there, for an admin and their machine token',
    async (_key, operation) => {
      const { db } = platform;
      const world = await makeWorld(db, roles);
      const made = await prepare(operation, world);
      const path = made.path.replace(`/clients/${world.client.clientId}`, `/clients/${unique()}`);
      const { token } = people(platform, world, admin).admin;
      const machine = await aMachineToken(db);
      for (const bearer of [token, machine.token]) {
        const { outcome } = await put(operation, { ...made, path }, { token: bearer });
        expect(outcome).toBe(NOT_FOUND);
      }
    },
  );

  test.concurrent.each(withAccess('grant', 'bearer', 'user'))(
    '%s is open to machine tokens as far as their role goes, and to dead ones never',
    async (_key, operation) => {
      const { db } = platform;
      const world = await makeWorld(db, roles);
      const tokens = await machineTokens(db, world);
      const outcomes: Record<string, string> = {};
      const expected = expectedOfTokens(operation.route);
      for (const [name, token] of Object.entries(tokens)) {
        const given = needsSpare(operation, name)
          ? { user_client_id: await aSpareMember(db, world) }
          : {};
        const question = await prepare(operation, world, given);
        outcomes[name] = (await put(operation, question, { token })).outcome;
      }
      expect(outcomes).toEqual(expected);
    },
  );

  test.each(withAccess('api_key'))(
    '%s takes a live key and nothing else',
    async (_key, operation) => {
      const { db } = platform;
      const world = await makeWorld(db, roles);
      const { client } = world;
      const isReading = operation.route.method === 'GET';
      const scope = isReading ? 'leads:read' : 'leads:ingest';
      const otherScope = isReading ? 'leads:ingest' : 'leads:read';
      const live = { client, scopes: [scope] };
      const keys = {
        live: await anApiKey(db, live),
        revoked: await anApiKey(db, { ...live, revokedAt: new Date() }),
        expired: await anApiKey(db, { ...live, expiresAt: new Date(Date.now() - 1_000) }),
        'of another scope': await anApiKey(db, { client, scopes: [otherScope] }),
        'made up': { key: 'acme_live_0123456789' },
      };
      const outcomes: Record<string, string> = {};
      for (const [name, { key: apiKey }] of Object.entries(keys)) {
        outcomes[name] = (
          await put(operation, await prepare(operation, world), { apiKey })
        ).outcome;
      }
      const { token } = people(platform, world, admin).admin;
      const question = await prepare(operation, world);
      outcomes['an admin’s token'] = (await put(operation, question, { token })).outcome;
      expect(outcomes).toEqual({
        live: PASSES,
        revoked: '401 invalid_api_key',
        expired: '401 invalid_api_key',
        'of another scope': '403 scope_missing',
        'made up': '401 invalid_api_key',
        'an admin’s token': '401 invalid_api_key',
      });
    },
  );

  test.each(withAccess('public'))('%s answers anybody as it documents', async (_key, operation) => {
    const world = await makeWorld(platform.db, roles);
    const { status } = await put(operation, await prepare(operation, world), {});
    expect(status).toBeLessThan(500);
  });
});

describe('behind the gateways', () => {
  const internal = CONTRACTS.flatMap(({ service, routes }) =>
    Object.values(routes).map((route) => [`${service}: ${keyOf(route)}`, service, route] as const),
  );
  const adminToken = () => platform.tokenOf({ ...admin, isAdmin: true });

  test.each(internal)(
    '%s answers nobody whom no gateway vouches for',
    async (_key, service, route) => {
      const path = internalPath(service, route.path).replaceAll(/\{\w+\}/g, 'x');
      const claim = { exp: Date.now() + 60_000, identity: { kind: 'service', service: 'gateway' } };
      const forged = Buffer.from(JSON.stringify(claim)).toString('base64url');
      for (const headers of [{}, { [IDENTITY_HEADER]: `${forged}.${forged}` }]) {
        const question = { method: route.method, path, token: adminToken(), headers };
        const { outcome } = await ask(platform.urlOf(service), question);
        expect(outcome).toBe('401 unauthenticated');
      }
    },
  );

  test.each(internal.filter(([, , { access }]) => access === 'service'))(
    '%s is not there for anybody outside',
    async (_key, _service, route) => {
      const path = route.path.replaceAll(/\{\w+\}/g, 'lead');
      for (const gateway of platform.gateways) {
        const question = { method: route.method, path, token: adminToken(), body: {} };
        expect((await ask(gateway, question)).outcome).toBe(NOT_FOUND);
      }
    },
  );
});

test('a key finds nothing of another client’s', async () => {
  const world = await makeWorld(platform.db, roles);
  const { key: apiKey } = await anApiKey(platform.db, {
    client: world.client,
    scopes: ['leads:read'],
  });
  const own = await placeOf('lead_id').make(platform.db, world, '');
  const foreign = (await placeOf('lead_id').makeForeign?.(platform.db, world)) ?? '';
  for (const gateway of platform.gateways) {
    const list = await ask(gateway, { path: '/api/leads', apiKey });
    expect([list.text.includes(own), list.text.includes(foreign)]).toEqual([true, false]);
    const one = await ask(gateway, { path: `/api/leads/${foreign}`, apiKey });
    expect(one.outcome).toBe(NOT_FOUND);
  }
});

function foreignPlacesOf({ route }: Operation): string[] {
  if (!route.path.includes('{client_id}')) return [];
  return placesOf(route).filter((name) => placeOf(name).makeForeign !== undefined);
}

/** Lists that have nothing to show in a world in which nothing has happened, or answer in numbers alone. */
const QUIET = new Set([
  'GET /api/clients/{client_id}/audit',
  'GET /api/clients/{client_id}/leads/stream',
  'GET /api/clients/{client_id}/leads/summary',
]);

/** What a member reads of a client without naming a thing in it. */
function isList({ route }: Operation): boolean {
  return (
    route.access === 'grant' &&
    route.method === 'GET' &&
    reachOf(route) === 'client' &&
    placesOf(route).length === 0
  );
}
