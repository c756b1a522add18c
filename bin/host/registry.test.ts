import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { gatewayRoutes } from '../../daemons/gateway/routes.ts';
import { toOpenApi } from '../../lib/contract/openapi.ts';
import { fillPath } from '../../lib/contract/client.ts';
import { internalPath, type Route } from '../../lib/contract/route.ts';
import { ERRORS } from '../../lib/core/errors.ts';
import { newId } from '../../lib/core/ids.ts';
import { createKoa } from '../../lib/http/app.ts';
import { keysFromSecret } from '../../lib/identity/keys.ts';
import { createIdentitySeal } from '../../lib/identity/seal.ts';
import { CONTRACTS } from './registry.ts';

const ALL = CONTRACTS.flatMap(({ service, routes }) =>
  Object.entries(routes).map(([name, route]) => ({ id: `${service}.${name}`, service, route })),
);
const PUBLIC = ALL.filter(({ route }) => route.access !== 'service');
const document = toOpenApi(CONTRACTS, 'test');

/** Every object inside, however deep. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { ...value };
  for (const part of Object.values(value)) yield* objectsIn(part);
}

const at = (pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (found, part) =>
        typeof found === 'object' && found !== null ? Reflect.get(found, part) : undefined,
      document,
    );

describe('the merged document', () => {
  const operations = [...objectsIn(document)].filter((part) => 'operationId' in part);

  test('has every route once, under an id of its own', () => {
    const ids = operations.map(({ operationId }) => String(operationId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(PUBLIC.map(({ id }) => id).toSorted());
  });

  test('says of every operation that it may be limited, or lack something it needs', () => {
    for (const { operationId, responses } of operations) {
      const statuses = Object.keys(Object(responses));
      expect([operationId, statuses]).toEqual([
        operationId,
        expect.arrayContaining(['429', '503']),
      ]);
    }
  });

  test('says what a website form may send, and how a replay is told from a first answer', () => {
    const [ingest] = operations.filter(({ operationId }) => operationId === 'lead.ingest');
    const properties = { _api_key: {}, _redirect: {}, _gotcha: {} };
    expect(ingest).toMatchObject({
      parameters: expect.arrayContaining([
        expect.objectContaining({
          name: 'x-api-key',
          description: expect.stringMatching(/required/i),
        }),
      ]),
      requestBody: {
        content: { 'application/x-www-form-urlencoded': { schema: { properties } } },
      },
      responses: { 200: { headers: { 'Idempotency-Replayed': {} } } },
    });
  });

  test('says that a change must change something, and of an id what is really taken', () => {
    const update = operations.find(({ operationId }) => operationId === 'client.updateClient');
    expect(update).toMatchObject({
      requestBody: { content: { 'application/json': { schema: { minProperties: 1 } } } },
    });
    const source = operations.find(
      ({ operationId }) => operationId === 'integration.addMetaSource',
    );
    const pageId = {
      anyOf: [
        { type: 'string', pattern: String.raw`^\d{1,40}$` },
        { type: 'integer', minimum: 0, exclusiveMaximum: 1e40 },
      ],
    };
    expect(source).toMatchObject({
      requestBody: {
        content: { 'application/json': { schema: { properties: { page_id: pageId } } } },
      },
    });
    expect(JSON.stringify(source)).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  test('refers to nothing that is not in it', () => {
    const pointers = [...objectsIn(document)].flatMap(({ $ref }) =>
      typeof $ref === 'string' ? [$ref] : [],
    );
    expect(pointers.length).toBeGreaterThan(0);
    const dangling = new Set(
      pointers.filter((pointer) => pointer === '#' || at(pointer) === undefined),
    );
    expect([...dangling]).toEqual([]);
  });

  test('names every place of every path, and no other', () => {
    for (const { route } of PUBLIC) {
      const places = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([route.path, Object.keys(route.params?.shape ?? {})]).toEqual([route.path, places]);
    }
  });

  test('explains every error code that a caller can meet', () => {
    const text = JSON.stringify(document);
    const unexplained = Object.keys(ERRORS).filter((code) => !text.includes(`\`${code}\``));
    // One belongs to paths, not to operations; the other is kept for clients, requests with one key
    // wait for each other here.
    expect(unexplained).toEqual(['method_not_allowed', 'idempotency_in_progress']);
  });
});

describe('a path', () => {
  const upstream = { forward: async () => undefined, stop: async () => undefined };
  const router = gatewayRoutes({
    contracts: CONTRACTS,
    upstreams: new Map(CONTRACTS.map(({ service }) => [service, upstream])),
    access: {
      principal: async () => undefined,
      roles: async () => () => undefined,
      sessionOwner: async () => undefined,
      token: async () => undefined,
      noteTokenUse: () => undefined,
      hasClient: async () => false,
    },
    limits: {
      countCaller: () => undefined,
      countWrongToken: () => undefined,
      countUser: () => undefined,
    },
    live: { watch: () => undefined, stop: async () => undefined },
    seal: createIdentitySeal({ keys: keysFromSecret('any', 'gateway'), clock: () => new Date() }),
    proxies: { addressOf: () => 'any', isHttps: () => false },
    clock: () => new Date(),
    verifyToken: async (_ctx, next) => next(),
    maxBodyBytes: 1,
    onRefused: () => undefined,
  });
  const filled = ({ path, params }: Route): string =>
    fillPath(
      path,
      Object.fromEntries(Object.entries(params?.shape ?? {}).map(([name]) => [name, newId()])),
    );

  test('leads the gateway to the route that it is written for', async () => {
    for (const { route } of PUBLIC) {
      const request = new IncomingMessage(new Socket());
      Object.assign(request, { method: route.method, url: filled(route) });
      const ctx = createKoa().createContext(request, new ServerResponse(request));
      await router(ctx, async () => undefined);
      expect([route.method, ctx.state.routePath]).toEqual([route.method, route.path]);
    }
  });

  test('is the same route’s in the daemon, whose own routes outsiders never reach', () => {
    for (const { service, route } of PUBLIC) {
      const path = internalPath(service, filled(route));
      const fitting = ALL.filter(
        (other) =>
          other.service === service &&
          other.route.method === route.method &&
          patternOf(internalPath(service, other.route.path)).test(path),
      );
      expect(fitting[0]?.route).toBe(route);
      expect(fitting.filter((other) => other.route.access === 'service')).toEqual([]);
    }
  });
});

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
}
