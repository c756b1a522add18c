import type { CallReport, ProviderFailure } from '../../../lib/providers/outcome.ts';
import { decide, type Decision } from '../../../lib/providers/decide.ts';
import type { AttemptResult, ClaimedDelivery } from './model.ts';
import type { Hold } from './transitions/hold-lane.ts';

/** What an attempt's outcome means beyond its own delivery. */
export type LaneEffect =
  | { readonly kind: 'pause'; readonly forMs: number }
  | { readonly kind: 'postpone_recipient'; readonly forMs: number }
  | { readonly kind: 'hold'; readonly hold: Hold }
  | { readonly kind: 'hold_item'; readonly hold: Hold };

/** What has to be known of a delivery to say what follows. */
export type Attempted = Pick<ClaimedDelivery, 'id' | 'attempt' | 'round_attempt' | 'round_age_ms'>;

export interface Settled {
  readonly result: AttemptResult;
  readonly effect: LaneEffect | null;
}

export interface SettleOptions {
  /** An earlier attempt may have gone through and this one did not clear that up. */
  readonly isStillDoubtful?: boolean;
  /** In [0, 1); the same for all that failed in one call, so that they come back together. */
  readonly random?: () => number;
}

/** A delivery has failed once its round is as old as this, whatever its kind. */
const WINDOW_MS = 86_400_000;
/** The longest pause of a lane that we choose ourselves: all that waits in it waits for one error. */
export const OWN_PAUSE_MS = 60_000;
/** What may still be on its way is not looked for earlier. */
const LEAST_LOOK_MS = 1_000;

export function delivered(
  delivery: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  call: CallReport | null,
  proof: { readonly reference: string | null; readonly providerStatus: string | null },
): AttemptResult {
  return {
    ...attemptOf(delivery, call),
    status: 'delivered',
    outcome: 'delivered',
    is_doubtful: false,
    next_in_ms: null,
    code: null,
    message: null,
    reference: proof.reference,
    provider_status: proof.providerStatus,
  };
}

/** Stored by another version, or by hand. */
export const UNREADABLE = {
  code: 'unreadable',
  message:
    'What is stored of this delivery cannot be read by this version. Replay it under the settings of now: leadctl delivery replay --status failed --config current.',
};

interface OwnReason {
  readonly code: string;
  readonly message: string;
}

/** Of one that can never be sent as it is, whatever becomes of the others. */
export function failed(
  delivery: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  reason: OwnReason,
  call: CallReport | null = null,
  isDoubtful = false,
): AttemptResult {
  const ended = { status: 'failed', outcome: 'failed', next_in_ms: null } as const;
  return { ...ownResult(delivery, reason, call), ...ended, is_doubtful: isDoubtful };
}

/** Of one that is not to be sent, because of whom it would go to. */
export function skipped(
  delivery: Pick<ClaimedDelivery, 'id' | 'attempt' | 'is_doubtful'>,
  reason: OwnReason,
): AttemptResult {
  const ended = { status: 'skipped', outcome: 'skipped', next_in_ms: null } as const;
  return { ...ownResult(delivery, reason, null), ...ended, is_doubtful: delivery.is_doubtful };
}

/** Of one whose call was refused for the sake of some delivery in it: it is sent again at once, by itself. */
export function alone(
  delivery: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  call: CallReport,
  reason: OwnReason,
): AttemptResult {
  const again = { status: 'retrying', outcome: 'retry', next_in_ms: 0 } as const;
  return { ...ownResult(delivery, reason, call), ...again, is_doubtful: false, is_alone: true };
}

function ownResult(
  delivery: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  { code, message }: OwnReason,
  call: CallReport | null,
) {
  return { ...attemptOf(delivery, call), code, message, reference: null, provider_status: null };
}

/** What a failed attempt leads to, for its delivery and for its lane. */
export function settle(
  delivery: Attempted,
  failure: ProviderFailure,
  call: CallReport | null,
  options: SettleOptions = {},
): Settled {
  const decision = decide(failure, {
    attempt: delivery.round_attempt,
    ageMs: delivery.round_age_ms,
    windowMs: WINDOW_MS,
    ...(failure.kind === 'retry' && failure.scope === 'lane' ? { maxDelayMs: OWN_PAUSE_MS } : {}),
    ...(options.random ? { random: options.random } : {}),
  });
  const isDoubtful = decision.next === 'unknown' || options.isStillDoubtful === true;
  const base = {
    ...attemptOf(delivery, call),
    is_doubtful: isDoubtful,
    next_in_ms: null,
    code: failure.code,
    message: messageOf(failure, decision),
    reference: null,
    provider_status: null,
  };
  const of = (rest: Pick<AttemptResult, 'status' | 'outcome'> & { next_in_ms?: number }) => ({
    ...base,
    ...rest,
  });
  switch (decision.next) {
    case 'retrying': {
      const { delayMs } = decision;
      const result = of({ status: 'retrying', outcome: 'retry', next_in_ms: delayMs });
      return { result, effect: pauseOf(decision.scope, delayMs) };
    }
    case 'unknown':
      return { result: { ...base, ...unknownOf(decision, delivery) }, effect: null };
    case 'held': {
      const { scope, remedy, recheckAfterMs } = decision;
      const hold = {
        code: failure.code,
        message: withRemedy(failure.message, remedy),
        recheckAfterMs,
      };
      const effect = { kind: scope === 'item' ? 'hold_item' : 'hold', hold } as const;
      return { result: of({ status: 'held', outcome: 'held' }), effect };
    }
    case 'failed':
    case 'delivered':
      return { result: of({ status: 'failed', outcome: 'failed' }), effect: null };
  }
}

const AGAIN_MS = 1_000;

/** What was to be held goes out once more, under the settings of now. */
export function retried(result: AttemptResult): AttemptResult {
  return result.status === 'held'
    ? { ...result, status: 'retrying', outcome: 'retry', next_in_ms: AGAIN_MS }
    : result;
}

/** As it is written down: with its lane held it only waits, and goes on when that is released. */
export function written({ result, effect }: Settled): AttemptResult {
  return effect?.kind === 'hold' ? { ...result, status: 'retrying', next_in_ms: 0 } : result;
}

function attemptOf(delivery: Pick<ClaimedDelivery, 'id' | 'attempt'>, call: CallReport | null) {
  const request = call && { ...call.sent, operation: call.operation, http_status: call.httpStatus };
  return {
    id: delivery.id,
    attempt: delivery.attempt,
    duration_ms: call?.durationMs ?? null,
    request: request && (call.traceId === null ? request : { ...request, trace_id: call.traceId }),
  };
}

/** One that can be looked for is tried again, looking first; the other waits for its status. */
function unknownOf(
  decision: Extract<Decision, { next: 'unknown' }>,
  delivery: Attempted,
): Pick<AttemptResult, 'status' | 'outcome' | 'next_in_ms'> {
  if (decision.resolve === 'await_status') {
    return { status: 'unknown', outcome: 'unknown', next_in_ms: decision.delayMs };
  }
  if (delivery.round_age_ms >= WINDOW_MS) {
    return { status: 'failed', outcome: 'unknown', next_in_ms: null };
  }
  const next_in_ms = Math.max(LEAST_LOOK_MS, decision.delayMs);
  return { status: 'retrying', outcome: 'unknown', next_in_ms };
}

function pauseOf(scope: 'delivery' | 'recipient' | 'lane', forMs: number): LaneEffect | null {
  if (scope === 'delivery') return null;
  return { kind: scope === 'lane' ? 'pause' : 'postpone_recipient', forMs };
}

function messageOf(failure: ProviderFailure, decision: Decision): string {
  return decision.next === 'held' ? withRemedy(failure.message, decision.remedy) : failure.message;
}

function withRemedy(message: string, remedy: string): string {
  return `${message.replace(/[.\s]*$/, '')}. ${remedy}`;
}
