import * as z from 'zod';
import { CliError } from '../cli/failure.ts';
import type { Gateway } from './gateway.ts';

export interface ServiceCheck {
  readonly name: string;
  /** `ok`, or what the gateway called it. */
  readonly status: string;
  readonly detail: string | null;
}

export interface Readiness {
  readonly url: string;
  readonly ready: boolean;
  /** None for those whom the gateway tells no more than whether it is ready. */
  readonly checks: readonly ServiceCheck[];
}

const readiness = z.object({
  status: z.string(),
  version: z.string().optional(),
  checks: z
    .record(
      z.string(),
      z.object({
        status: z.string(),
        detail: z.string().optional(),
        version: z.string().optional(),
      }),
    )
    .optional(),
});

export interface ReadyAnswer {
  readonly response: Response;
  /** Undefined when this is no gateway's answer. */
  readonly said: z.output<typeof readiness> | undefined;
}

const TIMEOUT_MS = 10_000;

/**
 * `GET /ready`; needs no login. Strangers on other machines are told no more than whether it is: then
 * once more in the caller's name, if they are logged in. Rejects with fetch's own errors, or a
 * `TimeoutError` after 10 s.
 */
export async function askReady(gateway: Gateway, interruption: AbortSignal): Promise<ReadyAnswer> {
  const signal = AbortSignal.any([interruption, AbortSignal.timeout(TIMEOUT_MS)]);
  const answer = await readAnswer(await fetch(`${gateway.settings.url}/ready`, { signal }));
  if (answer.said === undefined || answer.said.checks !== undefined) return answer;
  try {
    const request = { method: 'GET', path: '/ready', headers: {}, signal };
    const told = await readAnswer(await gateway.open(request));
    return told.said === undefined ? answer : told;
  } catch (error) {
    if (interruption.aborted) throw error;
    return answer;
  }
}

async function readAnswer(response: Response): Promise<ReadyAnswer> {
  const parsed = readiness.safeParse(await response.json().catch(() => undefined));
  return { response, said: parsed.data };
}

/** What the gateway says of itself and the services behind it; a `CliError` where something else answers. */
export async function readReadiness(
  gateway: Gateway,
  interruption: AbortSignal,
): Promise<Readiness> {
  const { url } = gateway.settings;
  const { response, said } = await askReady(gateway, interruption);
  if (said === undefined) {
    throw new CliError(`${url} answered, but not as a leadctl gateway does`, {
      code: 'unexpected_answer',
      why: `GET /ready: ${response.status}`,
      next: 'check --url, LEADCTL_URL or the context',
    });
  }
  const checks = Object.entries(said.checks ?? {}).map(([name, { status, detail }]) => ({
    name,
    status,
    detail: detail ?? null,
  }));
  return { url, ready: response.ok, checks };
}
