import { afterAll, beforeAll, expect, test } from 'vitest';
import { SERVICES } from '../../lib/contract/route.ts';
import { createTestDatabase, type TestDatabase } from '../../lib/testing/database.ts';
import { freePort } from '../../lib/testing/free-port.ts';
import { startRelay, type Relay } from '../../lib/testing/relay.ts';
import { startHost, type RunningHost } from './host.ts';
import { newSecrets } from './secrets.ts';

/** What `leadd` grants its daemons before it ends the process. */
const STOP_WITHIN_MS = 9_000;
const DAEMONS = SERVICES.filter((service) => service !== 'sandbox');

let database: TestDatabase;
let relay: Relay;

beforeAll(async () => {
  database = await createTestDatabase();
  const { hostname, port } = new URL(database.url);
  relay = await startRelay({ host: hostname, port: Number(port) });
});
afterAll(async () => {
  await relay.stop();
  await database.drop();
});

interface Running {
  readonly service: string;
  readonly host: RunningHost;
  /** Asks its database something, over a connection of each kind that readiness looks at. */
  readonly ask: () => Promise<unknown>;
}

async function start(service: (typeof DAEMONS)[number]): Promise<Running> {
  const port = await freePort();
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(relay.port);
  const host = await startHost({
    services: [service],
    version: 'test',
    portBase: 0,
    env: {
      ...newSecrets(),
      DATABASE_LOGIN_SECRET: '',
      DATABASE_URL: url.href,
      LOG_LEVEL: 'silent',
      PORT: String(port),
      PERMISSION_URL: 'http://127.0.0.1:9',
    },
  });
  const ask = () => fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
  return { service, host, ask };
}

test('every daemon stops in time though its database vanished without a word', async () => {
  const hosts = await Promise.all(DAEMONS.map(start));
  await Promise.all(hosts.map(({ ask }) => ask()));
  relay.silence();
  const asked = Promise.all(hosts.map(({ ask }) => ask()));
  const late = await Promise.all(
    hosts.map(async ({ service, host }) => {
      const startMs = performance.now();
      await host.stop();
      return { service, tookMs: Math.round(performance.now() - startMs) };
    }),
  );
  expect(late.filter(({ tookMs }) => tookMs >= STOP_WITHIN_MS)).toEqual([]);
  await asked;
});
