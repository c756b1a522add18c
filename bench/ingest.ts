import { createHash, randomBytes } from 'node:crypto';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { newId } from '../lib/core/ids.ts';
import { packageRoot } from '../bin/package-root.ts';
import { median, withDatabase } from './harness.ts';

/*
 * Durable ingestion through the gateway, all daemons in one process, beside what the database can do
 * with the same insert: a bare loop over node-postgres, and pgbench where it is installed. In turn,
 * round after round, so that a drifting machine drifts for all of them.
 */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const ROUND_MS = Number(process.env['BENCH_ROUND_MS'] ?? 4_000);
const CONNECTIONS = 32;
const PORT_BASE = 18_400;
const TARGET_RATIO = 0.6;

const root = packageRoot(import.meta.url);
const run = promisify(execFile);

interface Round {
  readonly perSecond: number;
  readonly p99Ms?: number;
  readonly errors?: number;
}

async function script(name: string, args: readonly string[]): Promise<Round> {
  const { stdout } = await run(process.execPath, [join(root, 'dist/bench', name), ...args]);
  const report: Round = JSON.parse(stdout);
  return report;
}

async function startPlatform(databaseUrl: string) {
  const child = spawn(
    process.execPath,
    [join(root, 'bin/leadd'), '--all', '--port-base', String(PORT_BASE)],
    {
      env: {
        ...process.env,
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        DATABASE_URL: databaseUrl,
        INTERNAL_SECRET: randomBytes(32).toString('hex'),
        JWT_SECRETS: `bench:${randomBytes(32).toString('hex')}`,
        FERNET_KEYS: `${randomBytes(32).toString('base64url')}=`,
        META_APP_SECRET: randomBytes(16).toString('hex'),
        META_VERIFY_TOKEN: randomBytes(16).toString('hex'),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  await once(child, 'message', { signal: AbortSignal.timeout(30_000) });
  return {
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function seed(databaseUrl: string): Promise<{ apiKey: string; owner: Client }> {
  const owner = new Client({ connectionString: databaseUrl });
  await owner.connect();
  const apiKey = `bench_live_${randomBytes(24).toString('hex')}`;
  await owner.query("INSERT INTO clients (client_id, name) VALUES ('bench', 'Bench')");
  await owner.query(
    `INSERT INTO client_api_keys (id, client_id, name, key_hash, key_prefix)
     VALUES ($1, 'bench', 'bench', $2, 'bench')`,
    [newId(), createHash('sha256').update(apiKey).digest()],
  );
  return { apiKey, owner };
}

const PGBENCH_SCRIPT = `
WITH lead AS (
  INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, status, raw_payload, created_at, updated_at)
  VALUES (uuidv7(), 'bench', 'Ada Lovelace', 'ada@example.com', '+14155550123', true, 'website', 'new',
    '{"name":"Ada Lovelace","email":"ada@example.com","phone":"+14155550123","message":"${'x'.repeat(120)}"}',
    now(), now()) RETURNING id, client_id
) INSERT INTO events (client_id, lead_id, kind) SELECT client_id, id, 'lead.created' FROM lead;
`;

async function pgbench(databaseUrl: string, scriptFile: string): Promise<Round | undefined> {
  try {
    const seconds = Math.ceil(ROUND_MS / 1000);
    const options = `-n -M prepared -j 2 -c ${CONNECTIONS} -T ${seconds}`.split(' ');
    const { stdout } = await run('pgbench', [...options, '-f', scriptFile, databaseUrl]);
    const tps = /tps = ([\d.]+) \(without/.exec(stdout)?.[1];
    return tps === undefined ? undefined : { perSecond: Math.round(Number(tps)) };
  } catch {
    return undefined;
  }
}

function row(name: string, rounds: readonly Round[]): string {
  const rates = rounds.map(({ perSecond }) => perSecond);
  return `${name.padEnd(22)} ${String(median(rates)).padStart(7)}/s   rounds: ${rates.join(' ')}`;
}

export async function main(): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), 'leadctl-bench-script-'));
  const scriptFile = join(scratch, 'insert.sql');
  await writeFile(scriptFile, PGBENCH_SCRIPT);
  try {
    return await withDatabase(async (databaseUrl) => {
      const { apiKey, owner } = await seed(databaseUrl);
      const platform = await startPlatform(databaseUrl);
      const ours: Round[] = [];
      const bare: Round[] = [];
      const pure: Round[] = [];
      const url = `http://127.0.0.1:${PORT_BASE}/api/leads/ingest`;
      try {
        await script('post-leads.js', [url, apiKey, String(CONNECTIONS), '2000']);
        for (let round = 0; round < ROUNDS; round += 1) {
          bare.push(
            await script('bare-pg.js', [
              databaseUrl,
              'bench',
              String(CONNECTIONS),
              String(ROUND_MS),
            ]),
          );
          ours.push(
            await script('post-leads.js', [url, apiKey, String(CONNECTIONS), String(ROUND_MS)]),
          );
          const other = await pgbench(databaseUrl, scriptFile);
          if (other) pure.push(other);
        }
      } finally {
        await platform.stop();
        await owner.end();
      }
      return report(ours, bare, pure);
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function report(ours: readonly Round[], bare: readonly Round[], pure: readonly Round[]): number {
  const errors = ours.reduce((sum, round) => sum + (round.errors ?? 0), 0);
  const ratio = median(
    ours.map((round, index) => round.perSecond / (bare[index]?.perSecond ?? Number.NaN)),
  );
  console.log(`${CONNECTIONS} connections, ${ROUNDS} rounds of ${ROUND_MS} ms each, medians`);
  console.log(row('through the gateway', ours));
  console.log(row('bare node-postgres', bare));
  console.log(pure.length > 0 ? row('pgbench', pure) : 'pgbench                is not installed');
  console.log(
    `p99 through the gateway ${median(ours.map(({ p99Ms }) => p99Ms ?? Number.NaN)).toFixed(1)} ms, errors ${errors}`,
  );
  console.log(
    `ratio to the bare loop, median of the rounds: ${ratio.toFixed(2)} (wanted: ${TARGET_RATIO})`,
  );
  return ratio >= TARGET_RATIO && errors === 0 ? 0 : 1;
}
