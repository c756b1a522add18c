import { keyOf, type Change, type Outcome, type RunContext, type Ref } from '../thing.ts';

export type Action = 'create' | 'update' | 'remove';

/** One thing that is to be done. */
export interface Step extends Ref {
  /** Unique in a plan and the same in every plan for the same thing. */
  readonly key: string;
  /** Steps of a phase are done side by side, phases one after the other. */
  readonly phase: number;
  /** Keys of steps without which this one cannot be; those that are not in the plan do not matter. */
  readonly needs: readonly string[];
  readonly action: Action;
  /** For people. */
  readonly name: string;
  readonly changes: readonly Change[];
  /** Rejects only where no answer came. */
  readonly run: (context: RunContext) => Promise<Outcome>;
}

/** Steps in the order of their doing. */
export interface Plan {
  readonly steps: readonly Step[];
  /** What the set made and is there no more, nor wanted. */
  readonly stale: readonly Ref[];
}

type StepInput = Ref & Pick<Step, 'action' | 'phase' | 'run'> & Partial<Step>;

export function step({ kind, clientId, identity, ...rest }: StepInput): Step {
  return {
    key: keyOf({ kind, clientId, identity }),
    needs: [],
    changes: [],
    name: identity,
    ...rest,
    kind,
    clientId,
    identity,
  };
}
