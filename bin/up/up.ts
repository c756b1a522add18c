import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { destination as logFile } from 'pino';
import { z } from 'zod';
import { databaseSettings, loadConfig, loginSettings } from '../../lib/core/config.ts';
import { stopAll, type Stoppable } from '../../lib/core/lifecycle.ts';
import { SERVICES, type ServiceName } from '../../lib/contract/route.ts';
import { acquireDataDir } from '../../lib/postgres/data-dir-lock.ts';
import { startEmbeddedPostgres } from '../../lib/postgres/embedded.ts';
import { createLogger } from '../../lib/telemetry/log.ts';
import { migrate } from '../../migrations/migrate.ts';
import { CliError } from '../cli/failure.ts';
import type { Env } from '../host/env.ts';
import { startHost } from '../host/host.ts';
import { PORT_OFFSETS, serviceUrl } from '../host/ports.ts';
import { embeddedSecrets } from '../host/secrets.ts';
import { adminCredentials, type AdminCredentials } from './admin-credentials.ts';
import { ensureAdmin } from './admin.ts';
import { startChildren, type ChildProcessInfo } from './children.ts';

export interface UpOptions {
  readonly dataDir: string;
  readonly portBase: number;
  readonly sandbox: boolean;
  readonly separate: boolean;
  /** An admin is made for it when the environment names none. */
  readonly demo: boolean;
  readonly env: Env;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Told what is under way, for a person who waits. */
  readonly onProgress: (text: string) => Promise<void>;
}

export interface MetaApp {
  readonly id: string | undefined;
  readonly secret: string;
  readonly verifyToken: string;
}

export interface RunningPlatform extends Stoppable {
  readonly gateway: string;
  readonly sandbox: string | undefined;
  /** Of the Meta app that the daemons believe to be theirs. */
  readonly metaApp: MetaApp;
  readonly services: readonly ServiceName[];
  readonly processes: readonly ChildProcessInfo[];
  readonly logPath: string;
  readonly dataDir: string;
  /** Without one the first admin has to be made by `leadctl admin create`. */
  readonly admin: AdminCredentials | undefined;
  /** Resolves when a part ends that the rest cannot live without. */
  readonly failed: Promise<string>;
}

/** Every service logs in with a password of its own, which follows from the secret. */
const upSettings = z.object({
  DATABASE_URL: databaseSettings.shape.DATABASE_URL,
  DATABASE_LOGIN_SECRET: loginSettings.shape.DATABASE_LOGIN_SECRET.unwrap(),
});

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 50;

/** Database, migrations, every daemon; resolves when the gateway is ready. What was started is stopped again when a step fails. */
export async function startPlatform(options: UpOptions): Promise<RunningPlatform> {
  const dataDir = resolve(options.dataDir);
  const started: Stoppable[] = [];
  try {
    const lock = await holdDataDir(dataDir, options);
    started.push({ stop: () => lock.release() });
    // Before the database: whoever meets a port that is taken has not waited for anything.
    await requireFreePorts(options);
    return await startParts(dataDir, options, started);
  } catch (error) {
    await stopAll(started);
    throw error;
  }
}

async function startParts(
  dataDir: string,
  options: UpOptions,
  started: Stoppable[],
): Promise<RunningPlatform> {
  const { onProgress, portBase } = options;
  const { env, exited } = await prepareDatabase(dataDir, options, started);
  await onProgress('Bringing the database to this version');
  const { DATABASE_URL, DATABASE_LOGIN_SECRET } = loadConfig(env, upSettings);
  await migrate(DATABASE_URL, { loginSecret: DATABASE_LOGIN_SECRET });
  const admin = await adminCredentials(options.env, { dataDir, demo: options.demo });
  if (admin) await ensureAdmin(env, admin);

  const services = SERVICES.filter((name) => name !== 'sandbox' || options.sandbox);
  await onProgress(`Starting ${services.length} services`);
  const logDir = join(dataDir, 'log');
  await mkdir(logDir, { recursive: true, mode: 0o700 });
  const logPath = join(logDir, 'leadctl.log');
  const gateway = serviceUrl(env, 'gateway', portBase);
  let processes: readonly ChildProcessInfo[] = [];
  if (options.separate) {
    const file = logFile({ dest: logPath, mode: 0o600, append: true, sync: true });
    const { version } = options;
    const journal = createLogger({ service: 'leadctl', version, level: 'info', destination: file });
    const children = await startChildren({ services, env, portBase, logPath, journal });
    started.push(children);
    processes = children.processes;
  } else {
    const file = logFile({ dest: logPath, mode: 0o600, sync: false });
    started.push(
      await startHost({ env, version: options.version, portBase, services, logDestination: file }),
    );
  }
  await waitUntilReady(gateway, logPath, options.signal);
  return {
    gateway,
    sandbox: options.sandbox ? serviceUrl(env, 'sandbox', portBase) : undefined,
    metaApp: {
      id: env['META_APP_ID'],
      secret: env['META_APP_SECRET'] ?? '',
      verifyToken: env['META_VERIFY_TOKEN'] ?? '',
    },
    services,
    processes,
    logPath,
    dataDir,
    admin,
    failed: exited,
    stop: () => stopAll(started),
  };
}

async function requireFreePorts({ portBase, sandbox }: UpOptions): Promise<void> {
  const wanted = SERVICES.filter((name) => name !== 'sandbox' || sandbox);
  for (const service of wanted) {
    const port = portBase + PORT_OFFSETS[service];
    if (await isFree(port)) continue;
    throw new CliError(`Port ${port} (${service}) is taken by another program`, {
      code: 'port_taken',
      next: `leadctl up --port-base ${portBase === 9_000 ? 10_000 : 9_000}`,
    });
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function holdDataDir(dataDir: string, options: UpOptions) {
  const gateway = `http://127.0.0.1:${options.portBase + PORT_OFFSETS.gateway}`;
  const lock = await acquireDataDir(dataDir, {
    holder: { pid: process.pid, startedAt: new Date().toISOString(), gateway },
  });
  if (lock.ok) return lock;
  const { pid, since, gateway: where } = lock.heldBy;
  throw new CliError(`${dataDir} is in use by another leadctl (process ${pid}, since ${since})`, {
    code: 'data_dir_in_use',
    ...(where === undefined ? {} : { why: `Its gateway is ${where}` }),
    next: `use that one, stop it with: kill ${pid}, or start another beside it: leadctl up --data-dir OTHER --port-base 9000`,
  });
}

/** The environment that every daemon starts with, and the database that it names. */
async function prepareDatabase(
  dataDir: string,
  options: UpOptions,
  started: Stoppable[],
): Promise<{ env: Env; exited: Promise<string> }> {
  const providers = options.sandbox ? sandboxProviders(options.portBase) : {};
  const allowed = options.sandbox
    ? { DESTINATION_ALLOW: allowSandbox(options.env, options.portBase) }
    : {};
  // With a database of one's own, its secrets are one's own too: a missing one is an error that names it.
  if (options.env['DATABASE_URL']) {
    return {
      env: { ...providers, ...options.env, ...allowed },
      exited: new Promise(() => undefined),
    };
  }
  await options.onProgress('Starting PostgreSQL');
  const postgres = await startEmbeddedPostgres({ dataDir });
  started.push(postgres);
  const env = {
    ...providers,
    ...(await embeddedSecrets(dataDir)),
    ...options.env,
    ...allowed,
    DATABASE_URL: postgres.url,
  };
  const exited = postgres.exited.then(
    ({ code, signal }) => `PostgreSQL ended by itself (${signal ?? `exit code ${code}`})`,
  );
  return { env, exited };
}

/** What the sandbox says a token's app is. */
const SANDBOX_APP_ID = '1000000000000001';

function sandboxProviders(portBase: number): Record<string, string> {
  const url = `http://127.0.0.1:${portBase + PORT_OFFSETS.sandbox}`;
  return {
    SANDBOX_SMTP_PORT: String(portBase + PORT_OFFSETS.sandbox + 1),
    GRAPH_BASE_URL: url,
    WHATSAPP_BASE_URL: url,
    GOOGLE_SHEETS_BASE_URL: url,
    GOOGLE_TOKEN_URL: `${url}/token`,
    META_APP_ID: SANDBOX_APP_ID,
  };
}

/** What is allowed already, and the receivers of webhooks that the sandbox emulates. */
function allowSandbox(env: Env, portBase: number): string {
  const own = `127.0.0.1:${portBase + PORT_OFFSETS.sandbox}`;
  const given = env['DESTINATION_ALLOW'];
  return given ? `${given},${own}` : own;
}

async function waitUntilReady(
  gateway: string,
  logPath: string,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let last = 'it does not answer';
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    try {
      const response = await fetch(`${gateway}/ready`, { signal: AbortSignal.timeout(3_000) });
      if (response.ok) {
        await response.body?.cancel();
        return;
      }
      last = await response.text();
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(READY_POLL_MS, undefined, { signal });
  }
  throw new CliError('The gateway did not become ready within a minute', {
    code: 'not_ready',
    why: last,
    next: `look into ${logPath}`,
  });
}
