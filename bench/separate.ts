import type { Bench, Figure } from './bench.ts';
import { pgbench, withScratch } from './pgbench.ts';
import { load, withPlatform, ROOT, type Loaded } from './platform.ts';
import { ofRounds } from './sides.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const ROUND_MS = Number(process.env['BENCH_ROUND_MS'] ?? 4_000);
const WARM_UP_MS = Number(process.env['BENCH_WARM_UP_MS'] ?? 6_000);
const CONNECTIONS = 32;
const PORT_BASE = 18_650;

/** As `ingest`, with every daemon a process of its own, as containers are. */
export const bench: Bench = {
  name: 'separate',
  what: `Durable leads through the gateway, ${CONNECTIONS} connections, each daemon a process`,
  run: () =>
    withScratch((scratch) =>
      withPlatform({ root: ROOT, portBase: PORT_BASE, isSeparate: true }, async (platform) => {
        const leads = {
          url: `${platform.url}/api/leads/ingest`,
          what: 'post-leads',
          headers: { 'X-API-Key': platform.apiKey },
          connections: CONNECTIONS,
        } as const;
        await load({ ...leads, durationMs: WARM_UP_MS }, platform);
        const ours: Loaded[] = [];
        const ratios: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const loaded = await load({ ...leads, durationMs: ROUND_MS }, platform);
          const options = { scratch, connections: CONNECTIONS, durationMs: ROUND_MS };
          ours.push(loaded);
          ratios.push(loaded.perSecond / (await pgbench(platform, options)).perSecond);
        }
        const figure = (name: string, unit: string, of: (round: Loaded) => number): Figure =>
          ofRounds(name, unit, ours.map(of));
        return {
          figures: [
            figure('cpu', 'µs', ({ nodeUs, postgresUs }) => nodeUs + postgresUs),
            figure('cpu_node', 'µs', ({ nodeUs }) => nodeUs),
            figure('cpu_postgres', 'µs', ({ postgresUs }) => postgresUs),
            figure('rate', '/s', ({ perSecond }) => perSecond),
            ofRounds('ratio_to_pgbench', '', ratios),
            figure('p99', 'ms', ({ p99Ms }) => p99Ms),
            figure('errors', '', ({ errors }) => errors),
          ],
        };
      }),
    ),
};
