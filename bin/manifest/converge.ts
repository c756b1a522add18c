import { setTimeout as sleep } from 'node:timers/promises';
import { execute, type Result, type Results } from './execute.ts';
import { interestOf } from './interest.ts';
import { planChanges } from './plan/plan.ts';
import type { Owned } from './plan/removals.ts';
import type { PlatformApi } from './platform/api.ts';
import type { Ids } from './platform/ids.ts';
import { perform } from './platform/perform.ts';
import { readPlatform, type Snapshot } from './platform/read.ts';
import type { Manifest } from './schema.ts';
import type { Secrets } from './secrets.ts';
import { createSetRegistry, toOwned } from './sets.ts';
import type { Plan, Step } from './step.ts';

export interface Work {
  readonly api: PlatformApi;
  readonly manifest: Manifest;
  readonly secrets: Secrets;
  readonly prune: boolean;
  /** Vouch for members' accounts that nobody has proven to be their owners'. */
  readonly acceptUnproven: boolean;
  readonly signal: AbortSignal;
  readonly onRead: (done: number, total: number) => void;
}

export interface Planned {
  readonly plan: Plan;
  readonly ids: Ids;
  /** What the set made and is there no more, nor wanted. */
  readonly stale: readonly Owned[];
}

/** Looks at the platform and plans; changes nothing. */
export async function makePlan(work: Work): Promise<Planned> {
  const { api, manifest, secrets, prune } = work;
  const { set } = manifest;
  const owned = prune && set !== undefined ? await createSetRegistry(api.clients).owned(set) : [];
  const { state, ids } = await readAgain(work, owned);
  const secretsOf = (clientId: string) => secrets.get(clientId) ?? new Map();
  const { stale, ...plan } = planChanges(state, { manifest, secretsOf, owned });
  return { plan, ids, stale };
}

function readAgain({ api, manifest, onRead }: Work, owned: readonly Owned[]): Promise<Snapshot> {
  return readPlatform(api, interestOf(manifest, owned), onRead);
}

export type Settled = Result | { readonly status: 'unchanged' };

/** Somebody else may be at it; whoever loses a race looks again, this many times in all. */
const MOST_ROUNDS = 4;
const PAUSE_MS = 150;

/**
 * Carries out a plan that was agreed to. What meets a conflict is looked at and planned again: then it is
 * often there already. Nothing is done that the plan did not show. Every step of the plan gets a result.
 */
export async function carryOut(
  work: Work,
  planned: Planned,
  onResult: (step: Step, result: Result) => void,
): Promise<Map<string, Settled>> {
  const { api, signal } = work;
  const { set } = work.manifest;
  const registry = createSetRegistry(api.clients);
  const settled = new Map<string, Settled>();
  const agreed = new Map(planned.plan.steps.map((step) => [step.key, step]));
  let { ids } = planned;
  let steps: readonly Step[] = planned.plan.steps;
  if (set !== undefined) await registry.claim(set, steps);
  for (let round = 1; steps.length > 0; round += 1) {
    const current = ids;
    const results = await execute({
      steps,
      perform: (step) => perform(api, current, step.operation, work),
      onResult,
      signal,
    });
    for (const [key, result] of results) settled.set(key, result);
    if (!hasConflict(results) || round === MOST_ROUNDS || signal.aborted) break;
    const again = await lookAgain(work, PAUSE_MS * round);
    // What was done must be told, whatever becomes of the rest.
    if (again === undefined) break;
    ids = again.ids;
    steps = again.plan.steps.filter((step) => isOpen(step, settled, agreed));
    const open = new Set(steps.map(({ key }) => key));
    for (const [key, result] of settled) {
      if (isUnsettled(result) && !open.has(key)) settled.set(key, { status: 'unchanged' });
    }
  }
  if (set !== undefined && work.prune) {
    // What a set cannot be told to forget now it forgets at its next pruning.
    await registry.release(set, goneOf(planned, settled)).catch(() => undefined);
  }
  return settled;
}

async function lookAgain(work: Work, pauseMs: number): Promise<Planned | undefined> {
  try {
    await sleep(pauseMs * (1 + Math.random()), undefined, { signal: work.signal });
    return await makePlan(work);
  } catch {
    return undefined;
  }
}

function hasConflict(results: Results): boolean {
  return [...results.values()].some(({ status }) => status === 'conflict');
}

function isUnsettled(result: Settled | undefined): boolean {
  return result?.status === 'conflict' || result?.status === 'skipped';
}

/** Of the new plan only what was agreed to, and a removal only where a removal was. */
function isOpen(
  step: Step,
  settled: ReadonlyMap<string, Settled>,
  agreed: ReadonlyMap<string, Step>,
): boolean {
  const before = agreed.get(step.key);
  if (before === undefined || !isUnsettled(settled.get(step.key))) return false;
  return (before.action === 'remove') === (step.action === 'remove');
}

/** What the set had made and is there no more. */
function goneOf({ plan, stale }: Planned, settled: ReadonlyMap<string, Settled>): Owned[] {
  const removed = plan.steps
    .filter(({ action, key }) => {
      const status = settled.get(key)?.status;
      return action === 'remove' && (status === 'done' || status === 'unchanged');
    })
    .flatMap(toOwned);
  return [...stale, ...removed];
}
