import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { packageRoot } from '../bin/package-root.ts';
import { generateManifest } from './generate-manifest.ts';

/*
 * A whole platform of many clients applied to an empty one, and compared and exported afterwards, through
 * the gateway and with its ordinary limits, all daemons in one process on the embedded PostgreSQL.
 */
const CLIENTS = Number(process.env['BENCH_CLIENTS'] ?? 200);
const MEMBERS = Number(process.env['BENCH_MEMBERS'] ?? 5_000);
const DIFFS = 3;
const MOST_DIFF_S = 10;
const PORT_BASE = 18_600;
const ADMIN = { email: 'admin@bench.example', password: 'a password of the bench' };

const leadctl = join(packageRoot(import.meta.url), 'bin/leadctl');

/** Applies, compares, exports; 0 when an empty diff takes less than ten seconds. */
export async function main(): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'leadctl-bench-'));
  const env = {
    ...process.env,
    LEADCTL_CONFIG_DIR: directory,
    XDG_CONFIG_HOME: directory,
    LEADCTL_URL: `http://127.0.0.1:${PORT_BASE}`,
    LEADCTL_ADMIN_EMAIL: ADMIN.email,
    LEADCTL_ADMIN_PASSWORD: ADMIN.password,
  };
  const platform = spawn(
    leadctl,
    ['up', '-o', 'json', '--data-dir', join(directory, 'data'), '--port-base', String(PORT_BASE)],
    { env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    await once(createInterface(platform.stdout), 'line', { signal: AbortSignal.timeout(60_000) });
    const file = join(directory, 'manifest.yaml');
    await writeFile(file, stringify(generateManifest({ clients: CLIENTS, members: MEMBERS })));
    const run = (args: readonly string[], stdin = ''): Promise<Timed> => timed(args, env, stdin);
    await run(['login', '--email', ADMIN.email, '--password-stdin'], ADMIN.password);
    report('apply', await run(['apply', '-f', file, '--yes', '-o', 'json']));
    const diffs: number[] = [];
    for (let round = 0; round < DIFFS; round += 1) {
      const diff = await run(['diff', '-f', file]);
      report('diff', diff);
      if (diff.code !== 0) return 1;
      diffs.push(diff.seconds);
    }
    report('export', await run(['export']));
    return Math.max(...diffs) < MOST_DIFF_S ? 0 : 1;
  } finally {
    platform.kill('SIGTERM');
    await once(platform, 'exit');
    await rm(directory, { recursive: true, force: true });
  }
}

interface Timed {
  readonly code: number | null;
  readonly seconds: number;
}

async function timed(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin: string,
): Promise<Timed> {
  const startedAtMs = performance.now();
  const child = spawn(leadctl, args, { env, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(stdin);
  await once(child, 'exit');
  return { code: child.exitCode, seconds: (performance.now() - startedAtMs) / 1_000 };
}

function report(what: string, { code, seconds }: Timed): void {
  console.log(`${what}: ${seconds.toFixed(1)} s (exit code ${code})`);
}
