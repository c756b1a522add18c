import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { packageRoot } from '../bin/package-root.ts';
import { systemClock } from '../lib/core/clock.ts';
import { newId } from '../lib/core/ids.ts';
import { createTokenRing } from '../lib/identity/tokens.ts';
import { cpuOf, postmasterOf } from './cpu.ts';
import type { LoadOptions, LoadReport } from './load.ts';

export const ROOT = packageRoot(import.meta.url);
const run = promisify(execFile);
const JWT_SECRET = randomBytes(32).toString('hex');
const UNLIMITED = '1000000000';

/** A platform under measurement: all daemons in one process, and its PostgreSQL. */
export interface Platform {
  readonly url: string;
  readonly databaseUrl: string;
  readonly pid: number;
  readonly postmaster: number;
  readonly apiKey: string;
  readonly owner: Client;
  stop(): Promise<void>;
}

export interface PlatformOptions {
  /** The built checkout that runs. */
  readonly root: string;
  readonly portBase: number;
  readonly nodeOptions?: string;
  readonly countsStatements?: boolean;
  /** Each daemon a process of its own, over HTTP; one process unless told. */
  readonly isSeparate?: boolean;
}

interface Harness {
  withDatabase<T>(
    work: (url: string) => Promise<T>,
    options: { countsStatements: boolean },
  ): Promise<T>;
}

/** Runs `work` against a platform of `root`, on a database as that checkout would set it up. */
export async function withPlatform<T>(
  options: PlatformOptions,
  work: (platform: Platform) => Promise<T>,
): Promise<T> {
  const file = pathToFileURL(join(options.root, 'dist/bench/harness.js')).href;
  const { withDatabase }: Harness = await import(file);
  return withDatabase(
    async (databaseUrl) => {
      const owner = new Client({ connectionString: databaseUrl });
      await owner.connect();
      const apiKey = await seedClient(owner);
      const child = await startDaemons(databaseUrl, options);
      try {
        return await work({
          url: `http://127.0.0.1:${options.portBase}`,
          databaseUrl,
          pid: child.pid ?? 0,
          postmaster: await postmasterOf(databaseUrl),
          apiKey,
          owner,
          stop: () => stop(child),
        });
      } finally {
        await stop(child);
        await owner.end();
      }
    },
    { countsStatements: options.countsStatements ?? false },
  );
}

/** Ends with its last child; a signal to it is one to all of them. */
const SUPERVISOR = `trap 'kill $(jobs -p)' TERM
for service in gateway auth client user permission hierarchy product lead integration webhook worker; do
  "$0" "$1" "$service" --port-base "$2" &
done
wait; wait`;

async function startDaemons(databaseUrl: string, options: PlatformOptions): Promise<ChildProcess> {
  const { isSeparate = false } = options;
  const [leadd, portBase] = [join(options.root, 'bin/leadd'), String(options.portBase)];
  const [command, args] = isSeparate
    ? ['bash', ['-c', SUPERVISOR, process.execPath, leadd, portBase]]
    : [process.execPath, [leadd, '--all', '--port-base', portBase]];
  const child = spawn(command, args, {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NODE_OPTIONS: options.nodeOptions ?? '',
      LOG_LEVEL: 'warn',
      DATABASE_URL: databaseUrl,
      INTERNAL_SECRET: randomBytes(32).toString('hex'),
      JWT_SECRETS: `bench:${JWT_SECRET}`,
      FERNET_KEYS: `${randomBytes(32).toString('base64url')}=`,
      META_APP_SECRET: randomBytes(16).toString('hex'),
      META_VERIFY_TOKEN: randomBytes(16).toString('hex'),
      RATE_LIMIT_PER_MINUTE: UNLIMITED,
      RATE_LIMIT_ANONYMOUS_PER_MINUTE: UNLIMITED,
    },
    stdio: ['ignore', 'inherit', 'inherit', ...(isSeparate ? [] : (['ipc'] as const))],
  });
  if (!isSeparate) await once(child, 'message', { signal: AbortSignal.timeout(START_MS) });
  await untilReady(`http://127.0.0.1:${options.portBase}`);
  return child;
}

const START_MS = 30_000;
const READY_MS = 60_000;
const POLL_MS = 10;

/** Resolves when the platform says that it can serve; rejects after a minute. */
export async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    await answer?.text();
    if (answer?.ok === true) return;
    if (performance.now() > deadline) throw new Error(`${url} does not become ready`);
    await sleep(POLL_MS);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function seedClient(owner: Client): Promise<string> {
  const apiKey = `bench_live_${randomBytes(24).toString('hex')}`;
  await owner.query("INSERT INTO clients (client_id, name) VALUES ('bench', 'Bench')");
  await owner.query(
    `INSERT INTO client_api_keys (id, client_id, name, key_hash, key_prefix)
     VALUES ($1, 'bench', 'bench', $2, 'bench')`,
    [newId(), createHash('sha256').update(apiKey).digest()],
  );
  return apiKey;
}

/** An access token of a member of the client, whose role holds every permission of a client. */
export async function aMember(owner: Client): Promise<{ token: string; membershipId: string }> {
  const [userId, roleId, membershipId, sessionId] = [newId(), newId(), newId(), newId()];
  const email = `member@bench.example`;
  await owner.query(`INSERT INTO users (id, email) VALUES ($1, $2)`, [userId, email]);
  await owner.query(`INSERT INTO roles (id, name, level) VALUES ($1, 'seller', '20')`, [roleId]);
  await owner.query(
    `INSERT INTO role_permissions (role_id, permission_id)
     SELECT $1, id FROM permissions WHERE reach = 'client'`,
    [roleId],
  );
  await owner.query(
    `INSERT INTO user_clients (id, user_id, client_id, role_id) VALUES ($1, $2, 'bench', $3)`,
    [membershipId, userId, roleId],
  );
  await owner.query(
    `INSERT INTO user_client_hierarchy
       (client_id, ancestor_user_client_id, descendant_user_client_id, depth)
     VALUES ('bench', $1, $1, 0) ON CONFLICT DO NOTHING`,
    [membershipId],
  );
  await owner.query(
    `INSERT INTO sessions (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`,
    [sessionId, userId],
  );
  const ring = createTokenRing({
    secrets: [{ kid: 'bench', secret: JWT_SECRET }],
    clock: systemClock,
  });
  const token = ring.issue({
    type: 'access',
    user: { id: userId, email, isAdmin: false },
    jti: newId(),
    sid: sessionId,
    lifetimeSeconds: 3_600,
  });
  return { token, membershipId };
}

/** Koa and nothing else, in a process of its own. */
export async function startNullKoa(): Promise<{ url: string; pid: number; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/bench/null-koa.js')], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [address]: { port: number }[] = await once(child, 'message', {
    signal: AbortSignal.timeout(30_000),
  });
  return {
    url: `http://127.0.0.1:${address?.port}`,
    pid: child.pid ?? 0,
    stop: () => stop(child),
  };
}

/** One round of load, and what the processes under it used for each request, in µs. */
export interface Loaded extends LoadReport {
  readonly nodeUs: number;
  readonly postgresUs: number;
}

export async function load(
  options: LoadOptions,
  { pid, postmaster }: { pid: number; postmaster?: number },
): Promise<Loaded> {
  const used = () => [cpuOf(pid), postmaster === undefined ? 0 : cpuOf(postmaster)] as const;
  const before = used();
  const script = join(ROOT, 'dist/bench/drive.js');
  const { stdout } = await run(process.execPath, [script, JSON.stringify(options)]);
  const after = used();
  const report: LoadReport = JSON.parse(stdout);
  if (report.errors === report.requests) throw new Error(report.firstError ?? 'no answer at all');
  const per = (from: number, to: number) => (to - from) / report.requests;
  return { ...report, nodeUs: per(before[0], after[0]), postgresUs: per(before[1], after[1]) };
}
