import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { startHost } from '../../bin/host/host.ts';
import { PORT_OFFSETS } from '../../bin/host/ports.ts';
import { systemClock } from '../../lib/core/clock.ts';
import { newId } from '../../lib/core/ids.ts';
import { stopAll, type Stoppable } from '../../lib/core/lifecycle.ts';
import { SERVICES, type ServiceName } from '../../lib/contract/route.ts';
import { createTokenRing, type TokenRing } from '../../lib/identity/tokens.ts';
import { createTestDatabase } from '../../lib/testing/database.ts';

/** Every daemon on a database of its own, and a second gateway that reaches them by HTTP. */
export interface AccessPlatform extends Stoppable {
  readonly db: Pool;
  /** The gateway that has every daemon in its process, and the one apart. */
  readonly gateways: readonly [string, string];
  readonly ring: TokenRing;
  urlOf(service: ServiceName): string;
  /** Another gateway, which has heard nothing of what was before. */
  startGateway(): Promise<Stoppable & { readonly url: string }>;
  /** An access token of this user; `lifetimeSeconds` may have passed already. */
  tokenOf(user: { id: string; isAdmin?: boolean }, lifetimeSeconds?: number): string;
}

export const SECRETS = [
  { kid: 'k2', secret: 'the-newer-of-these-tests-two-secrets' },
  { kid: 'k1', secret: 'the-older-of-these-tests-two-secrets' },
];

export const FERNET_KEY = `${Buffer.alloc(32, 7).toString('base64url')}=`;

const READY_WITHIN_MS = 20_000;

const ATTEMPTS = 3;
/** The ports of one host, from its gateway's to its worker's. */
const SPAN = PORT_OFFSETS.worker + 1;

/** `beside`: what runs in the second gateway's process, and is started twice. */
export async function startPlatform(beside: readonly ServiceName[] = []): Promise<AccessPlatform> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnFreePorts(beside);
    } catch (error) {
      // Somebody else took a port between looking and listening.
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnFreePorts(beside: readonly ServiceName[]): Promise<AccessPlatform> {
  const database = await createTestDatabase();
  const db = new Pool({ connectionString: database.url, max: 6 });
  const running: Stoppable[] = [{ stop: database.drop }, { stop: () => db.end() }];
  const stop = () => stopAll(running);
  try {
    const portBase = await freePorts(3 * SPAN);
    const otherBase = portBase + SPAN;
    const urlOf = (service: ServiceName) => `http://127.0.0.1:${portBase + PORT_OFFSETS[service]}`;
    const env = {
      DATABASE_URL: database.url,
      DATABASE_POOL_MAX: '4',
      INTERNAL_SECRET: 'a secret that only these tests know',
      JWT_SECRETS: SECRETS.map(({ kid, secret }) => `${kid}:${secret}`).join(','),
      FERNET_KEYS: FERNET_KEY,
      META_APP_SECRET: 'meta-app-secret',
      META_VERIFY_TOKEN: 'meta-verify-token',
      GRAPH_BASE_URL: NOBODY,
      WHATSAPP_BASE_URL: NOBODY,
      GOOGLE_SHEETS_BASE_URL: NOBODY,
      GOOGLE_TOKEN_URL: `${NOBODY}/token`,
      BCRYPT_ROUNDS: '4',
      REGISTRATIONS_PER_HOUR: '1000000',
      LOG_LEVEL: 'silent',
      RATE_LIMIT_PER_MINUTE: '1000000',
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: '1000000',
    };
    const services = SERVICES.filter((service) => service !== 'sandbox');
    running.push(await startHost({ env, version: 'test', portBase, services }));
    const elsewhere = Object.fromEntries(
      services
        .filter((service) => service !== 'gateway' && !beside.includes(service))
        .map((service) => [`${service.toUpperCase()}_URL`, urlOf(service)]),
    );
    const apart = { env: { ...env, ...elsewhere }, version: 'test' };
    running.push(
      await startHost({ ...apart, portBase: otherBase, services: [...beside, 'gateway'] }),
    );
    const gateways = [urlOf('gateway'), `http://127.0.0.1:${otherBase}`] as const;
    await Promise.all(gateways.map(untilReady));
    const ring = createTokenRing({ secrets: SECRETS, clock: systemClock });
    return {
      db,
      gateways,
      ring,
      urlOf,
      stop,
      async startGateway() {
        const lastBase = otherBase + SPAN;
        const reach = Object.fromEntries(
          beside.map((service) => [`${service.toUpperCase()}_URL`, urlOf(service)]),
        );
        const { stop: stopGateway } = await startHost({
          ...apart,
          env: { ...apart.env, ...reach },
          portBase: lastBase,
          services: ['gateway'],
        });
        return { url: `http://127.0.0.1:${lastBase}`, stop: stopGateway };
      },
      tokenOf: ({ id, isAdmin = false }, lifetimeSeconds = 600) =>
        ring.issue({
          type: 'access',
          user: { id, email: 'someone@example.com', isAdmin },
          jti: newId(),
          sid: id,
          lifetimeSeconds,
        }),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A provider's address at which nobody answers: what is checked here must not need one. */
const NOBODY = 'http://127.0.0.1:9';

async function untilReady(gateway: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const response = await fetch(`${gateway}/ready`);
    const text = await response.text();
    if (response.ok) return;
    if (Date.now() > deadline) throw new Error(`${gateway} does not become ready: ${text}`);
    await sleep(50);
  }
}

const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/** The first of so many free ports in a row, below those that the system hands out. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
