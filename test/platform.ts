import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const readySchema = z.object({
  event: z.literal('ready'),
  gateway: z.string(),
  sandbox: z.string(),
  services: z.array(z.string()),
  processes: z.array(z.object({ service: z.string(), pid: z.number() })),
  demo: z.object({ client_id: z.string(), api_key: z.string() }),
});
export type Ready = z.output<typeof readySchema>;

export const ADMIN = { email: 'admin@acme.example', password: 'correct horse battery' };

export interface Platform {
  readonly ready: Ready;
  readonly process: ChildProcess;
  /** Sends the signal; resolves with the exit code and how long stopping took. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
}

const LEADCTL = join(import.meta.dirname, '../bin/leadctl');
const START_TIMEOUT_MS = 50_000;

export interface Workplace {
  readonly dataDir: string;
  readonly portBase: number;
  remove(): Promise<void>;
}

/** Added to every port, so that two checkouts on one machine can be tested at the same time. */
const PORT_OFFSET = Number(process.env['LEADCTL_TEST_PORT_OFFSET'] ?? 0);

/** A data directory and ports of a test file's own. */
export async function workplace(wantedPortBase: number): Promise<Workplace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'leadctl-e2e-'));
  const portBase = wantedPortBase + PORT_OFFSET;
  return { dataDir, portBase, remove: () => rm(dataDir, { recursive: true, force: true }) };
}

/** Runs leadctl to its end. */
export async function leadctl(
  args: readonly string[],
  options: { env?: Record<string, string>; stdin?: string } = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(LEADCTL, args, { env: { ...process.env, ...options.env } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(options.stdin ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, out, err };
}

/** `leadctl up --sandbox --demo`, ready. Rejects with what it printed when it ends instead. */
export async function startUp(
  at: Workplace,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Platform> {
  const child = spawn(
    LEADCTL,
    [
      'up',
      '--sandbox',
      '--demo',
      '-o',
      'json',
      '--data-dir',
      at.dataDir,
      '--port-base',
      String(at.portBase),
      ...flags,
    ],
    {
      env: {
        ...process.env,
        LEADCTL_ADMIN_EMAIL: ADMIN.email,
        LEADCTL_ADMIN_PASSWORD: ADMIN.password,
        BCRYPT_ROUNDS: '4',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ready = await Promise.race([
    firstLine(child),
    once(child, 'exit').then(() => Promise.reject(new Error(`leadctl up ended: ${err}`))),
  ]);
  return {
    ready: readySchema.parse(JSON.parse(ready)),
    process: child,
    async stop(signal = 'SIGTERM') {
      const startedAt = performance.now();
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill(signal);
        await exited;
      }
      return { code: child.exitCode, tookMs: performance.now() - startedAt };
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output to read');
  const [line] = await once(createInterface(child.stdout), 'line', {
    signal: AbortSignal.timeout(START_TIMEOUT_MS),
  });
  return String(line);
}

/** A JSON answer as a plain object. */
export async function getJson(
  url: string,
  init: RequestInit = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(url, init);
  return z.record(z.string(), z.unknown()).parse(await response.json());
}

export async function accessToken(gateway: string): Promise<string> {
  const answer = await getJson(`${gateway}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  });
  return z.object({ access_token: z.string() }).parse(answer).access_token;
}
