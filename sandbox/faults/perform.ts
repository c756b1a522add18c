import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderReply } from '../reply.ts';
import type { Fault } from './faults.ts';

/** An error to be worded as the provider does; each part left out is the provider's usual one. */
export interface Refusal {
  readonly status?: number | undefined;
  readonly code?: number | string | undefined;
  readonly message?: string | undefined;
}

export interface FaultContext {
  readonly work: () => Promise<ProviderReply>;
  readonly refuse: (refusal: Refusal) => ProviderReply;
  /** The caller left, or the daemon stops. */
  readonly signal: AbortSignal;
}

const LONGEST_HANG_MS = 300_000;

/** Answers a call the way its fault says; `reset` means the connection is to be cut without an answer. */
export async function performFault(
  fault: Fault | undefined,
  { work, refuse, signal }: FaultContext,
): Promise<ProviderReply | 'reset'> {
  if (fault === undefined) return work();
  const { spec } = fault;
  if (spec.delay_ms !== undefined) await pause(spec.delay_ms, signal);
  if (spec.hang_after_accept) {
    await work();
    await pause(LONGEST_HANG_MS, signal);
    return 'reset';
  }
  if (spec.reset) return 'reset';
  const isError = spec.status !== undefined || spec.code !== undefined;
  if (isError && !spec.fail_after_accept) return withHeaders(refuse(spec), spec.headers);
  const reply = await work();
  return withHeaders(isError ? refuse(spec) : reply, spec.headers);
}

function withHeaders(
  reply: ProviderReply,
  headers: Readonly<Record<string, string>> | undefined,
): ProviderReply {
  return headers === undefined ? reply : { ...reply, headers: { ...reply.headers, ...headers } };
}

/** Waits, at most until nobody waits any more. */
async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal }).catch(() => undefined);
}
