import { z } from 'zod';
import { parseJson } from '../../core/lossless-json.ts';

/** How near an app, page or account is to Meta's wall, from an answer's usage headers. */
export interface GraphUsage {
  /** The highest of all percentages named; 100 and above is throttled. */
  readonly percent: number;
  /** Meta's own estimate of the time until calls pass again; 0 when it names none. */
  readonly regainAccessMs: number;
}

const SLOW_FROM_PERCENT = 75;
const STEP_MS = 1_000;
const MINUTE_MS = 60_000;

/**
 * Reads `X-App-Usage` and `X-Business-Use-Case-Usage`
 * (developers.facebook.com/docs/graph-api/overview/rate-limiting). Null without either.
 */
export function parseUsage(header: (name: string) => string | null): GraphUsage | null {
  const app = read(header('x-app-usage'), gaugeSchema);
  const cases = read(
    header('x-business-use-case-usage'),
    z.record(z.string(), z.array(gaugeSchema)),
  );
  const gauges = [...(app === null ? [] : [app]), ...Object.values(cases ?? {}).flat()];
  if (gauges.length === 0) return null;
  return {
    percent: Math.max(...gauges.map(percentOf)),
    regainAccessMs: Math.max(...gauges.map(regainMsOf)),
  };
}

/**
 * How long to pause before this account's next call, so that the wall is never reached: nothing
 * below 75 %, then up to 25 s just before it, at the wall what Meta estimates.
 */
export function paceMs(usage: GraphUsage | null): number {
  if (usage === null || usage.percent < SLOW_FROM_PERCENT) return usage?.regainAccessMs ?? 0;
  const ownMs =
    usage.percent >= 100 ? MINUTE_MS : (usage.percent - SLOW_FROM_PERCENT + 1) * STEP_MS;
  return Math.max(ownMs, usage.regainAccessMs);
}

const gaugeSchema = z.object({
  call_count: z.number().catch(0),
  total_time: z.number().catch(0),
  total_cputime: z.number().catch(0),
  estimated_time_to_regain_access: z.number().catch(0),
});

type Gauge = z.infer<typeof gaugeSchema>;

function percentOf(gauge: Gauge): number {
  return Math.max(gauge.call_count, gauge.total_time, gauge.total_cputime);
}

function regainMsOf(gauge: Gauge): number {
  return Math.max(0, gauge.estimated_time_to_regain_access) * MINUTE_MS;
}

function read<T>(header: string | null, schema: z.ZodType<T>): T | null {
  if (header === null) return null;
  try {
    return schema.safeParse(parseJson(header)).data ?? null;
  } catch {
    return null;
  }
}
