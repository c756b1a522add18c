import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReplicas, type Resolve } from './replicas.ts';

/** Replicas of one service: the same port on addresses of their own, as containers have them. */
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
let servers: Server[];
let port: number;

const serve = async (address: string, at: number): Promise<Server> => {
  const server = createServer((_request, response) => response.end(address));
  server.listen(at, address);
  await once(server, 'listening');
  return server;
};

beforeAll(async () => {
  const first = await serve(ADDRESSES[0] ?? '', 0);
  const bound = first.address();
  port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  servers = [first, ...(await Promise.all(ADDRESSES.slice(1).map((at) => serve(at, port))))];
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const open = (resolve: Resolve) =>
  createReplicas({
    baseUrl: `http://lead:${port}`,
    createPool: (origin) => new Pool(origin, { connections: 4 }),
    resolve,
    refreshMs: 0,
  });

async function ask(replicas: ReturnType<typeof open>): Promise<string> {
  const pool = await replicas.next();
  const answer = await pool.request({ path: '/', method: 'GET' });
  return answer.body.text();
}

async function countOf(replicas: ReturnType<typeof open>, requests: number) {
  const counts = new Map<string, number>();
  for (let index = 0; index < requests; index += 1) {
    const address = await ask(replicas).catch(() => 'refused');
    counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return counts;
}

test('every replica gets its share', async () => {
  const replicas = open(async () => ADDRESSES);
  const counts = await countOf(replicas, 90);
  expect([...counts.values()]).toEqual([30, 30, 30]);
  await replicas.stop();
});

test('replicas that come are used, and those that go are not asked again', async () => {
  let known = ADDRESSES.slice(0, 1);
  const replicas = open(async () => known);
  expect([...(await countOf(replicas, 5)).keys()]).toEqual(ADDRESSES.slice(0, 1));
  known = ADDRESSES.slice(1);
  await expect
    .poll(async () => [...(await countOf(replicas, 8)).keys()].toSorted())
    .toEqual(ADDRESSES.slice(1));
  await replicas.stop();
});

test('one that refuses is left out after the first time, and asked again once it is all there is', async () => {
  const replicas = open(async () => [...ADDRESSES, '127.0.0.5']);
  const counts = await countOf(replicas, 60);
  expect(counts.get('refused')).toBe(1);
  await replicas.stop();
});

test('while nobody can be asked for addresses, the old ones do', async () => {
  let isUp = true;
  const replicas = open(async () => {
    if (!isUp) throw new Error('no name server');
    return ADDRESSES;
  });
  await ask(replicas);
  isUp = false;
  expect((await countOf(replicas, 9)).has('refused')).toBe(false);
  await replicas.stop();
});

test('a name that never had an address is an error', async () => {
  const replicas = open(async () => []);
  await expect(replicas.next()).rejects.toThrow('lead has no address');
  await replicas.stop();
});
