import * as z from 'zod';
import { CliError } from '../cli/failure.ts';

export interface ServiceCheck {
  readonly name: string;
  /** `ok`, or what the gateway called it. */
  readonly status: string;
  readonly detail: string | null;
}

export interface Readiness {
  readonly url: string;
  readonly ready: boolean;
  readonly checks: readonly ServiceCheck[];
}

const readiness = z.object({
  status: z.string(),
  checks: z.record(
    z.string(),
    z.object({
      status: z.string(),
      detail: z.string().nullish(),
      latency_ms: z.number().nullish(),
    }),
  ),
});

const TIMEOUT_MS = 10_000;

/**
 * What the gateway says of itself and the services behind it; needs no login. Rejects with fetch's own errors, a
 * `TimeoutError` after 10 s, or a `CliError` where something else than a gateway answers.
 */
export async function readReadiness(url: string, interruption: AbortSignal): Promise<Readiness> {
  const response = await fetch(`${url}/ready`, {
    signal: AbortSignal.any([interruption, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const parsed = readiness.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) {
    throw new CliError(`${url} answered, but not as a leadctl gateway does`, {
      code: 'unexpected_answer',
      why: `GET /ready: ${response.status}`,
      next: 'check --url, LEADCTL_URL or the context',
    });
  }
  const checks = Object.entries(parsed.data.checks).map(([name, { status, detail }]) => ({
    name,
    status,
    detail: detail ?? null,
  }));
  return { url, ready: response.ok, checks };
}
