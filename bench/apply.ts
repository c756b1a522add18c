import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { packageRoot } from '../bin/package-root.ts';
import type { Bench, Figure } from './bench.ts';
import { generateManifest } from './generate-manifest.ts';

/*
 * A whole platform of many clients applied to an empty one, and compared and exported afterwards, through
 * the gateway and with its ordinary limits, all daemons in one process on the embedded PostgreSQL.
 */
const CLIENTS = Number(process.env['BENCH_CLIENTS'] ?? 200);
const MEMBERS = Number(process.env['BENCH_MEMBERS'] ?? 5_000);
const DIFFS = 3;
const PORT_BASE = 18_600;
const ADMIN = { email: 'admin@bench.example', password: 'a password of the bench' };

const leadctl = join(packageRoot(import.meta.url), 'bin/leadctl');

export const bench: Bench = {
  name: 'apply',
  what: `A manifest of ${CLIENTS} clients and ${MEMBERS} members applied, compared and exported`,
  async run() {
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
      const seconds = (name: string, args: readonly string[], stdin = '') =>
        timed(name, args, env, stdin);
      await seconds('login', ['login', '--email', ADMIN.email, '--password-stdin'], ADMIN.password);
      const apply = await seconds('apply', ['apply', '-f', file, '--yes', '-o', 'json']);
      const diffs: Figure[] = [];
      for (let round = 0; round < DIFFS; round += 1) {
        diffs.push(await seconds('diff', ['diff', '-f', file]));
      }
      const values = diffs.map(({ value }) => value);
      const diff = { name: 'diff', unit: 's', value: Math.max(...values), rounds: values };
      return { figures: [apply, diff, await seconds('export', ['export'])] };
    } finally {
      platform.kill('SIGTERM');
      await once(platform, 'exit');
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function timed(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin: string,
): Promise<Figure> {
  const startedAtMs = performance.now();
  const child = spawn(leadctl, args, { env, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(stdin);
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`leadctl ${name} ended with ${child.exitCode}`);
  return { name, unit: 's', value: (performance.now() - startedAtMs) / 1_000 };
}
