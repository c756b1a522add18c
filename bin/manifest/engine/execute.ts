import type { Problem } from '../../../lib/core/problem.ts';
import type { OneTime, Outcome } from '../thing.ts';
import { CONCURRENCY, forEachBounded } from './pool.ts';
import type { Step } from './step.ts';

/**
 * `conflict`: what is there is not what was planned with; looking again tells what is left to do.
 * `skipped`: not tried, since something it needs was not done, or the run had to stop.
 */
export type Result =
  | { readonly status: 'done'; readonly oneTime?: OneTime }
  | { readonly status: 'failed' | 'conflict'; readonly problem: Problem }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'skipped'; readonly because: string };

export type Results = Map<string, Result>;

export interface Execution {
  readonly steps: readonly Step[];
  readonly perform: (step: Step) => Promise<Outcome>;
  readonly onResult: (step: Step, result: Result) => void;
  readonly signal: AbortSignal;
}

/**
 * Does the steps, several at a time, those of one client one after the other. A step that needs one that
 * was not done is skipped; nothing is removed unless all the rest was done.
 */
export async function execute({ steps, perform, onResult, signal }: Execution): Promise<Results> {
  const results: Results = new Map();
  let stopped: string | undefined;
  const settle = (step: Step, result: Result): void => {
    results.set(step.key, result);
    onResult(step, result);
  };
  const run = async (step: Step): Promise<void> => {
    const because = stopped ?? missingNeed(step, results);
    if (because !== undefined) return settle(step, { status: 'skipped', because });
    if (signal.aborted) return settle(step, { status: 'skipped', because: 'interrupted' });
    try {
      settle(step, toResult(step, await perform(step)));
    } catch (error) {
      stopped = signal.aborted ? 'interrupted' : 'the platform could not be reached any more';
      settle(step, { status: 'failed', error });
    }
  };
  for (const phase of phasesOf(steps)) {
    const isRemoval = phase[0]?.action === 'remove';
    if (isRemoval && [...results.values()].some(({ status }) => status !== 'done')) {
      stopped ??= 'nothing is removed while something else is not done';
    }
    await forEachBounded(lanesOf(phase), CONCURRENCY, async (lane) => {
      for (const step of lane) await run(step);
    });
  }
  return results;
}

function toResult(step: Step, outcome: Outcome): Result {
  if (outcome.ok) {
    return { status: 'done', ...(outcome.oneTime ? { oneTime: outcome.oneTime } : {}) };
  }
  const { problem } = outcome;
  // Something that was there is gone, or something that was not there is.
  // An account that needs an administrator's word needs it however often one looks.
  const isChanged = problem.status === 409 && problem.code !== 'account_unproven';
  const isStale = isChanged || (problem.status === 404 && step.action !== 'remove');
  return { status: isStale ? 'conflict' : 'failed', problem };
}

function missingNeed(step: Step, results: Results): string | undefined {
  const missing = step.needs.some((key) => {
    const result = results.get(key);
    return result !== undefined && result.status !== 'done';
  });
  return missing ? 'something it needs is not done' : undefined;
}

function phasesOf(steps: readonly Step[]): Step[][] {
  const phases = Map.groupBy(steps, ({ phase }) => phase);
  return [...phases].toSorted(([a], [b]) => a - b).map(([, phase]) => phase);
}

function lanesOf(phase: readonly Step[]): Step[][] {
  return [...Map.groupBy(phase, ({ clientId, key }) => clientId ?? key).values()];
}
