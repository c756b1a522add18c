import type { Bench } from './bench.ts';
import { residentMb } from './cpu.ts';
import { load, withPlatform, ROOT, type Loaded } from './platform.ts';
import { ofRounds } from './sides.ts';

const MINUTES = Number(process.env['BENCH_SOAK_MINUTES'] ?? 10);
const WARM_UP_MS = 20_000;
const SLICE_MS = 15_000;
const CONNECTIONS = 32;
const PORT_BASE = 18_800;
const TEN_MINUTES_MS = 600_000;

/** Memory while leads come in at half of the rate that is reached. Ten minutes show a slope, no more. */
export const bench: Bench = {
  name: 'soak',
  what: `Half of the reached rate for ${MINUTES} minutes`,
  run: () =>
    withPlatform({ root: ROOT, portBase: PORT_BASE }, async (platform) => {
      const leads = {
        url: `${platform.url}/api/leads/ingest`,
        what: 'post-leads',
        headers: { 'X-API-Key': platform.apiKey },
        connections: CONNECTIONS,
      } as const;
      const { perSecond } = await load({ ...leads, durationMs: WARM_UP_MS }, platform);
      const slices: Loaded[] = [];
      const residents: number[] = [];
      for (let passedMs = 0; passedMs < MINUTES * 60_000; passedMs += SLICE_MS) {
        const half = { ...leads, durationMs: SLICE_MS, perSecond: perSecond / 2 };
        slices.push(await load(half, platform));
        residents.push(residentMb(platform.pid));
      }
      const later = residents.slice(Math.floor(residents.length / 2));
      return {
        figures: [
          ofRounds('resident', 'MB', residents),
          { name: 'slope', unit: 'MB/10min', value: slopeOf(later) * (TEN_MINUTES_MS / SLICE_MS) },
          ofRounds(
            'p99',
            'ms',
            slices.map(({ p99Ms }) => p99Ms),
          ),
          {
            name: 'leads',
            unit: '',
            value: slices.reduce((sum, { requests }) => sum + requests, 0),
          },
          { name: 'errors', unit: '', value: slices.reduce((sum, { errors }) => sum + errors, 0) },
        ],
      };
    }),
};

/** Least squares, for each step. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const top = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  const bottom = values.reduce((sum, _value, at) => sum + (at - middle) ** 2, 0);
  return bottom === 0 ? 0 : top / bottom;
}
