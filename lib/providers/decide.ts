import type {
  HoldScope,
  HoldVerdict,
  ProviderOutcome,
  RetryScope,
  RetryVerdict,
} from './outcome.ts';

/** What becomes of a delivery after an attempt. */
export type Decision =
  | { readonly next: 'delivered' }
  | { readonly next: 'retrying'; readonly delayMs: number; readonly scope: RetryScope }
  /** `delayMs`: when to look; for `await_status` it is how long the status may take. */
  | {
      readonly next: 'unknown';
      readonly delayMs: number;
      readonly resolve: 'await_status' | 'look_first';
    }
  | {
      readonly next: 'held';
      readonly scope: HoldScope;
      readonly remedy: string;
      readonly recheckAfterMs: number | null;
    }
  | { readonly next: 'failed' };

export interface DecideContext {
  /** Which attempt this was, the first being 1. */
  readonly attempt: number;
  /** Since the first attempt. */
  readonly ageMs: number;
  /** From when on a retry is no longer made: `failed`. 24 h unless told. */
  readonly windowMs?: number;
  /** The longest wait between two attempts that we choose ourselves. 1 h unless told. */
  readonly maxDelayMs?: number;
  /** How long a WhatsApp status may take before an operator should look. 1 h unless told. */
  readonly statusWaitMs?: number;
  /** In [0, 1); a test passes its own. */
  readonly random?: () => number;
}

const HOUR_MS = 3_600_000;
const BASE_MS = 1_000;

/** What follows from an outcome. Pure, so that the whole table of errors can be tested. */
export function decide(outcome: ProviderOutcome<unknown>, context: DecideContext): Decision {
  if (outcome.kind === 'ok') return { next: 'delivered' };
  if (outcome.kind === 'permanent') return { next: 'failed' };
  if (outcome.kind === 'hold') return held(outcome);
  if (outcome.kind === 'retry') return decideRetry(outcome, context);
  const { resolve } = outcome;
  const statusWaitMs = context.statusWaitMs ?? HOUR_MS;
  const delayMs = resolve === 'await_status' ? statusWaitMs : exponentialMs(context);
  return { next: 'unknown', delayMs, resolve };
}

/** How long to wait after attempt `attempt`; never less than the provider asked for. */
export function retryDelayMs(
  verdict: Pick<RetryVerdict, 'backoff' | 'notBeforeMs'>,
  context: Pick<DecideContext, 'attempt' | 'maxDelayMs' | 'random'>,
): number {
  const ownMs =
    verdict.backoff === 'power_of_four' ? powerOfFourMs(context) : exponentialMs(context);
  return Math.max(ownMs, verdict.notBeforeMs);
}

function decideRetry(outcome: RetryVerdict, context: DecideContext): Decision {
  if (outcome.giveUp !== null && context.attempt >= outcome.giveUp.afterAttempts) {
    return held(outcome.giveUp.hold);
  }
  if (context.ageMs >= (context.windowMs ?? 24 * HOUR_MS)) return { next: 'failed' };
  return { next: 'retrying', delayMs: retryDelayMs(outcome, context), scope: outcome.scope };
}

function held({ scope, remedy, recheckAfterMs }: HoldVerdict): Decision {
  return { next: 'held', scope, remedy, recheckAfterMs };
}

type DelayContext = Pick<DecideContext, 'attempt' | 'maxDelayMs' | 'random'>;

// Full jitter: many deliveries that failed together must not come back together.
function exponentialMs({ attempt, maxDelayMs = HOUR_MS, random = Math.random }: DelayContext) {
  return Math.round(random() * Math.min(maxDelayMs, BASE_MS * 2 ** Math.min(attempt - 1, 30)));
}

function powerOfFourMs({ attempt, maxDelayMs = HOUR_MS }: DelayContext) {
  return Math.min(maxDelayMs, BASE_MS * 4 ** Math.min(attempt - 1, 15));
}
