import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, Figure, Outcome } from './bench.ts';
import { cpuOf } from './cpu.ts';
import type { LoadOptions } from './load.ts';
import { load, ROOT, startNullKoa, type Loaded, type Platform } from './platform.ts';
import { layersOf, profileOptions } from './profile.ts';
import { ofRounds, withSides } from './sides.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const ROUND_MS = Number(process.env['BENCH_ROUND_MS'] ?? 4_000);
const WARM_UP_MS = Number(process.env['BENCH_WARM_UP_MS'] ?? 6_000);
const CONNECTIONS = 32;
const PORT_BASE = 18_400;

const run = promisify(execFile);

/*
 * Durable ingestion through the gateway, all daemons in one process, beside what the database can do
 * with the same insert: a bare loop over node-postgres, and pgbench. In turn, round after round, so
 * that a drifting machine drifts for all of them.
 */
export const bench: Bench = {
  name: 'ingest',
  what: `Durable leads through the gateway, ${CONNECTIONS} connections, one process`,
  run: (options) =>
    withScratch((scratch) => {
      const { directory, nodeOptions } = profileOptions(options.profile);
      return withSides(options, { portBase: PORT_BASE, nodeOptions }, async (now, before) => {
        const outcome = await measure(now, before, scratch);
        if (!options.profile) return outcome;
        await now.stop();
        return { ...outcome, notes: await layersOf(directory) };
      });
    }),
};

interface Rounds {
  readonly ours: Loaded[];
  readonly halfRate: Loaded[];
}

async function measure(
  now: Platform,
  before: Platform | undefined,
  scratch: string,
): Promise<Outcome> {
  const koa = await startNullKoa();
  const sides = before === undefined ? [now] : [now, before];
  const rounds = new Map<Platform, Rounds>(sides.map((side) => [side, { ours: [], halfRate: [] }]));
  const bare: number[] = [];
  const pure: { perSecond: number; postgresUs: number }[] = [];
  const nothing: Loaded[] = [];
  try {
    for (const side of sides) await load({ ...leads(side), durationMs: WARM_UP_MS }, side);
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await bareLoop(now));
      // Each begins as often as the other.
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const loaded = await load(leads(side), side);
        rounds.get(side)?.ours.push(loaded);
        const perSecond = loaded.perSecond / 2;
        rounds.get(side)?.halfRate.push(await load({ ...leads(side), perSecond }, side));
      }
      pure.push(await pgbench(now, scratch));
      nothing.push(await load({ ...leads(now), url: koa.url }, koa));
    }
  } finally {
    await koa.stop();
  }
  const figuresOf = (side: Platform): Figure[] => {
    const { ours, halfRate } = rounds.get(side) ?? { ours: [], halfRate: [] };
    const ratioTo = (others: readonly number[]) =>
      ours.map(({ perSecond }, index) => perSecond / (others[index] ?? Number.NaN));
    return [
      ofRounds(
        'cpu',
        'µs',
        ours.map(({ nodeUs, postgresUs }) => nodeUs + postgresUs),
      ),
      ofRounds(
        'cpu_node',
        'µs',
        ours.map(({ nodeUs }) => nodeUs),
      ),
      ofRounds(
        'cpu_postgres',
        'µs',
        ours.map(({ postgresUs }) => postgresUs),
      ),
      ofRounds(
        'rate',
        '/s',
        ours.map(({ perSecond }) => perSecond),
      ),
      ofRounds('ratio_to_pgbench', '', ratioTo(pure.map(({ perSecond }) => perSecond))),
      ofRounds('ratio_to_bare_loop', '', ratioTo(bare)),
      ofRounds(
        'p99',
        'ms',
        ours.map(({ p99Ms }) => p99Ms),
      ),
      ofRounds(
        'p99_at_half_rate',
        'ms',
        halfRate.map(({ p99Ms }) => p99Ms),
      ),
      { name: 'errors', unit: '', value: ours.reduce((sum, { errors }) => sum + errors, 0) },
    ];
  };
  return {
    figures: [
      ...figuresOf(now),
      ofRounds(
        'null_koa_cpu',
        'µs',
        nothing.map(({ nodeUs }) => nodeUs),
      ),
      ofRounds('bare_loop_rate', '/s', bare),
      ofRounds(
        'pgbench_rate',
        '/s',
        pure.map(({ perSecond }) => perSecond),
      ),
      ofRounds(
        'pgbench_cpu_postgres',
        'µs',
        pure.map(({ postgresUs }) => postgresUs),
      ),
    ],
    ...(before === undefined ? {} : { before: figuresOf(before) }),
  };
}

const leads = ({ url, apiKey }: Platform): LoadOptions => ({
  url: `${url}/api/leads/ingest`,
  what: 'post-leads',
  headers: { 'X-API-Key': apiKey },
  connections: CONNECTIONS,
  durationMs: ROUND_MS,
});

async function bareLoop({ databaseUrl }: Platform): Promise<number> {
  const args = [databaseUrl, 'bench', String(CONNECTIONS), String(ROUND_MS)];
  const script = join(ROOT, 'dist/bench/bare-pg.js');
  const { stdout } = await run(process.execPath, [script, ...args]);
  const report: { perSecond: number } = JSON.parse(stdout);
  return report.perSecond;
}

const PGBENCH_SCRIPT = `
WITH lead AS (
  INSERT INTO leads (id, client_id, name, email, phone, phone_valid, source, status, raw_payload, created_at, updated_at)
  VALUES (uuidv7(), 'bench', 'Ada Lovelace', 'ada@example.com', '+14155550123', true, 'website', 'new',
    '{"name":"Ada Lovelace","email":"ada@example.com","phone":"+14155550123","message":"${'x'.repeat(120)}"}',
    now(), now()) RETURNING id, client_id
) INSERT INTO events (client_id, lead_id, kind) SELECT client_id, id, 'lead.created' FROM lead;
`;

/** What is not installed measures nothing. */
async function pgbench({ databaseUrl, postmaster }: Platform, scratch: string) {
  const file = join(scratch, 'insert.sql');
  await writeFile(file, PGBENCH_SCRIPT);
  const usedBefore = cpuOf(postmaster);
  try {
    const seconds = Math.ceil(ROUND_MS / 1000);
    const options = `-n -M prepared -j 2 -c ${CONNECTIONS} -T ${seconds}`.split(' ');
    const { stdout } = await run('pgbench', [...options, '-f', file, databaseUrl]);
    const perSecond = Number(/tps = ([\d.]+) \(without/.exec(stdout)?.[1]);
    const done = Number(/transactions actually processed: (\d+)/.exec(stdout)?.[1]);
    return { perSecond, postgresUs: (cpuOf(postmaster) - usedBefore) / done };
  } catch {
    return { perSecond: Number.NaN, postgresUs: Number.NaN };
  }
}

async function withScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'leadctl-bench-script-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
