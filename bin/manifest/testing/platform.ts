import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { authContract } from '../../../daemons/auth/contract.ts';
import { createClient, type Client } from '../../../lib/contract/client.ts';
import type { Contract } from '../../../lib/contract/route.ts';
import { createTestDatabase } from '../../../lib/testing/database.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { startHost } from '../../host/host.ts';
import { runLeadctl, type Ran } from '../../testing/run.ts';
import { ensureAdmin } from '../../up/admin.ts';

/** Everything that a manifest reaches, behind a real gateway on a database of its own. */
export interface TestPlatform {
  readonly url: string;
  readonly token: string;
  readonly admin: { readonly email: string; readonly password: string };
  /** leadctl in this process, as an admin. */
  run(args: readonly string[], options?: Parameters<typeof runLeadctl>[2]): Promise<Ran>;
  client<C extends Contract>(contract: C): Client<C>;
  stop(): Promise<void>;
}

const SERVICES = [
  'auth',
  'client',
  'user',
  'lead',
  'product',
  'integration',
  'permission',
  'hierarchy',
  'gateway',
] as const;
const ADMIN = { email: 'admin@leadctl.test', password: 'a password of a test' };
const CALL_TIMEOUT_MS = 30_000;
const READY_TIMEOUT_MS = 20_000;

export async function startTestPlatform(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPlatform> {
  const database = await createTestDatabase();
  const portBase = await freePortBase();
  const env = {
    DATABASE_URL: database.url,
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    HOST: '127.0.0.1',
    BCRYPT_ROUNDS: '4',
    INTERNAL_SECRET: randomBytes(32).toString('hex'),
    JWT_SECRETS: `k1:${randomBytes(32).toString('hex')}`,
    FERNET_KEYS: `${randomBytes(32).toString('base64url')}=`,
    META_APP_SECRET: 'a meta app secret',
    META_VERIFY_TOKEN: 'a verify token',
    ...settings,
  };
  await ensureAdmin(env, { ...ADMIN, resetPassword: false });
  const host = await startHost({ env, version: 'test', portBase, services: SERVICES });
  const url = `http://127.0.0.1:${portBase}`;
  const configDir = await mkdtemp(join(tmpdir(), 'leadctl-test-config-'));
  await ready(url);
  const client = <C extends Contract>(contract: C, token?: string): Client<C> =>
    createClient(contract, ({ path, headers, signal, ...request }) =>
      fetch(url + path, {
        ...request,
        headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
        signal: signal ?? AbortSignal.timeout(CALL_TIMEOUT_MS),
      }),
    );
  const { access_token: token } = bodyOf(await client(authContract).call('login', { body: ADMIN }));
  return {
    url,
    token,
    admin: ADMIN,
    client: (contract) => client(contract, token),
    run: (args, { env: own = {}, ...io } = {}) =>
      runLeadctl(args, configDir, {
        ...io,
        env: { LEADCTL_URL: url, LEADCTL_TOKEN: token, ...own },
      }),
    async stop() {
      await host.stop();
      await rm(configDir, { recursive: true, force: true });
      await database.drop();
    },
  };
}

/** The services' permissions are registered a moment after they started; roles need them. */
async function ready(url: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  const isRegistered = async (port: number): Promise<boolean> => {
    const response = await fetch(`http://127.0.0.1:${port}/ready`);
    const { checks } = Object(await response.json());
    return JSON.stringify(checks?.permissions ?? 'ok').includes('ok');
  };
  const base = Number(new URL(url).port);
  for (const offset of [2, 3, 4, 5, 6, 8, 9]) {
    while (!(await isRegistered(base + offset))) {
      if (performance.now() > deadline) throw new Error(`service ${offset} is not ready`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const PORTS = 10;
const ATTEMPTS = 50;

/** Below the range from which the system takes ports for outgoing connections. */
async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const base = randomInt(10_000, 30_000);
    const free = await Promise.all(
      Array.from({ length: PORTS }, (_, offset) => isFree(base + offset)),
    );
    if (!free.includes(false)) return base;
  }
  throw new Error('no ten free ports in a row');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
