import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench, Figure, Outcome } from './bench.ts';
import type { LoadOptions } from './load.ts';
import { pgbench, withScratch } from './pgbench.ts';
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
      pure.push(await pgbench(now, { scratch, connections: CONNECTIONS, durationMs: ROUND_MS }));
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
