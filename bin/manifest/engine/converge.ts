import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../file/document.ts';
import type { Manifest } from '../file/manifest.ts';
import { keyOf, type RunContext, type Ref } from '../thing.ts';
import type { PlatformApi } from './api.ts';
import { execute, type Result, type Results } from './execute.ts';
import { planChanges, problemsWith } from './plan.ts';
import { interestIn, readPlatform } from './read.ts';
import { createSetRegistry } from './sets.ts';
import type { State } from '../thing.ts';
import type { Plan, Step } from './step.ts';

export interface Work {
  readonly api: PlatformApi;
  readonly manifest: Manifest;
  readonly prune: boolean;
  /** Vouch for members' accounts that nobody has proven to be their owners'. */
  readonly acceptUnproven: boolean;
  readonly signal: AbortSignal;
  readonly onRead: (done: number, total: number) => void;
}

export interface Planned {
  readonly plan: Plan;
  /** What cannot be brought about; a plan with problems is not carried out. */
  readonly problems: readonly Problem[];
  readonly state: State;
}

/** Looks at the platform and plans; changes nothing. */
export async function makePlan(work: Work): Promise<Planned> {
  const { api, manifest, prune, onRead } = work;
  const { set, things } = manifest;
  const owned = prune && set !== undefined ? await createSetRegistry(api.clients).owned(set) : [];
  const needs = things.flatMap((thing) => thing.needs ?? []);
  const state = await readPlatform(api, interestIn([...things, ...needs, ...owned]), onRead);
  return {
    plan: planChanges(state, things, owned),
    problems: problemsWith(state, things),
    state,
  };
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
  let runner = runnerOf(work, planned.state);
  let steps: readonly Step[] = planned.plan.steps;
  if (set !== undefined) await registry.claim(set, steps);
  for (let round = 1; steps.length > 0; round += 1) {
    const { perform } = runner;
    const results = await execute({ steps, perform, onResult, signal });
    for (const [key, result] of results) settled.set(key, result);
    if (!hasConflict(results) || round === MOST_ROUNDS || signal.aborted) break;
    const again = await lookAgain(work, PAUSE_MS * round);
    // What was done must be told, whatever becomes of the rest.
    if (again === undefined) break;
    runner = runnerOf(work, again.state);
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
function goneOf({ plan }: Planned, settled: ReadonlyMap<string, Settled>): Ref[] {
  const removed = plan.steps.filter(({ action, key }) => {
    const status = settled.get(key)?.status;
    return action === 'remove' && (status === 'done' || status === 'unchanged');
  });
  return [...plan.stale, ...removed];
}

/** Does steps with the ids of what is there, and of what was made by those before. */
function runnerOf({ api, acceptUnproven }: Work, state: State) {
  const ids = new Map<string, string>();
  for (const thing of state.things) if (thing.id !== undefined) ids.set(keyOf(thing), thing.id);
  const context: RunContext = {
    api,
    state,
    acceptUnproven,
    idOf(of) {
      const id = ids.get(keyOf(of));
      if (id === undefined) throw new Error(`the id of ${keyOf(of)} is not known`);
      return id;
    },
  };
  return {
    async perform(step: Step) {
      const outcome = await step.run(context);
      if (outcome.ok && outcome.id !== undefined) ids.set(step.key, outcome.id);
      return outcome;
    },
  };
}
