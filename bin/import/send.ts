import { setTimeout as sleep } from 'node:timers/promises';
import type { leadContract } from '../../daemons/lead/contract.ts';
import type { Client } from '../../lib/contract/client.ts';
import { bodyOf } from '../cli/api-error.ts';
import type { Row } from './row.ts';

export interface Refusal {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[] | undefined;
}

export interface Sent {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refusals: readonly Refusal[];
}

export interface SendDeps {
  readonly leads: Client<typeof leadContract>;
  readonly apiKey: string;
  readonly signal: AbortSignal;
  /** For tests. */
  readonly firstWaitMs?: number;
}

const ATTEMPTS = 9;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Answers of an item that another try may better. */
const PASSING = new Set(['upstream_unavailable', 'rate_limited', 'idempotency_in_progress']);

/**
 * Sends the rows as one batch until each has a lasting answer; the idempotency key makes every repetition
 * harmless. Throws what the last attempt met.
 */
export async function sendBatch(
  deps: SendDeps,
  rows: readonly Row[],
  idempotencyKey: string,
): Promise<Sent> {
  const { firstWaitMs = FIRST_WAIT_MS, signal } = deps;
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === ATTEMPTS;
    const sent = await tryBatch(deps, rows, idempotencyKey, isLast);
    if (sent !== undefined) return sent;
    const waitMs = Math.min(firstWaitMs * 2 ** (attempt - 1), LONGEST_WAIT_MS);
    await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Undefined when it is to be tried again. */
async function tryBatch(
  { leads, apiKey, signal }: SendDeps,
  rows: readonly Row[],
  idempotencyKey: string,
  isLast: boolean,
): Promise<Sent | undefined> {
  let result: Awaited<ReturnType<typeof leads.call<'ingestBatch'>>>;
  try {
    result = await leads.call('ingestBatch', {
      headers: { 'x-api-key': apiKey, 'idempotency-key': idempotencyKey },
      body: { leads: rows.map(({ fields }) => fields) },
      signal,
    });
  } catch (error) {
    if (isLast || signal.aborted) throw error;
    return undefined;
  }
  const passes = !result.ok && (result.problem.status >= 500 || result.problem.status === 429);
  if (passes && !isLast) return undefined;
  const { results } = bodyOf(result);
  const needsMore = results.some((item) => 'code' in item && PASSING.has(item.code));
  return needsMore && !isLast ? undefined : summarise(rows, results);
}

type Results = readonly (
  | { readonly index: number; readonly status: number; readonly lead: unknown }
  | ({ readonly index: number; readonly status: number } & Omit<Refusal, 'line'>)
)[];

function summarise(rows: readonly Row[], results: Results): Sent {
  const taken = results.filter((item) => 'lead' in item);
  const refusals = results.flatMap((item) => {
    if ('lead' in item) return [];
    const { code, detail, errors } = item;
    return [{ line: rows[item.index]?.line ?? 0, code, detail, ...(errors ? { errors } : {}) }];
  });
  const accepted = taken.filter(({ status }) => status === 201).length;
  return { accepted, duplicates: taken.length - accepted, refusals };
}
