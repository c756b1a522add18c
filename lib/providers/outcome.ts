/**
 * The one vocabulary for what a provider call led to. A class of error has one place in it:
 * the tables in `<provider>/errors.ts` say which, `decide.ts` says what follows from it.
 */

/** Who has to wait: this delivery, everything for this recipient, or the provider account. */
export type RetryScope = 'delivery' | 'recipient' | 'lane';

/** What stops until somebody acts: this item, all that uses this template, or the account. */
export type HoldScope = 'item' | 'template' | 'lane';

/** `power_of_four`: 4^n seconds without jitter, as WhatsApp asks for its pair limit. */
export type Backoff = 'exponential' | 'power_of_four';

/** It did not happen; the same call may succeed later. */
export interface RetryVerdict {
  readonly kind: 'retry';
  readonly scope: RetryScope;
  readonly backoff: Backoff;
  /** The provider named this wait; the next attempt is not before it. 0 when it named none. */
  readonly notBeforeMs: number;
  /** After this many attempts more of them are pointless and a human has to look. */
  readonly giveUp: { readonly afterAttempts: number; readonly hold: HoldVerdict } | null;
}

/** It did not happen and will not, until a human does what `remedy` says. Alert once. */
export interface HoldVerdict {
  readonly kind: 'hold';
  readonly scope: HoldScope;
  /** What to do, for the operator: a whole sentence. */
  readonly remedy: string;
  /** The provider may lift it by itself: look again after this long. */
  readonly recheckAfterMs: number | null;
}

/** It will never happen for this recipient; others are not concerned. */
export interface PermanentVerdict {
  readonly kind: 'permanent';
}

/**
 * Sent and not answered: it may have happened. `await_status` waits for a webhook that carries
 * our id; `look_first` reads what is there before trying again.
 */
export interface UnknownVerdict {
  readonly kind: 'unknown';
  readonly resolve: 'await_status' | 'look_first';
}

export type Verdict = RetryVerdict | HoldVerdict | PermanentVerdict | UnknownVerdict;

/** `code` is the provider's own, or one of ours for what no provider said (`timeout`). */
export interface Reason {
  readonly code: string;
  /** The provider's words, secrets and personal data masked. */
  readonly message: string;
}

export type ProviderFailure = Verdict & Reason;

export type ProviderOutcome<T> = { readonly kind: 'ok'; readonly value: T } | ProviderFailure;

/** How a call went, for the attempt's row. Holds no secret and no personal data. */
export interface CallReport {
  /** `whatsapp.send_template`, `google_sheets.append_rows` … */
  readonly operation: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Null when no answer came. */
  readonly httpStatus: number | null;
  /** What was sent, masked. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** The provider's name for this call, for its support. */
  readonly traceId: string | null;
}

/** What every client method resolves to; none of them throws for what a provider did. */
export type ProviderResult<T, Report extends CallReport = CallReport> = ProviderOutcome<T> & {
  readonly call: Report;
};

const DELIVERY_RETRY = {
  kind: 'retry',
  scope: 'delivery',
  backoff: 'exponential',
  notBeforeMs: 0,
  giveUp: null,
} as const satisfies RetryVerdict;

export function retry(over: Partial<Omit<RetryVerdict, 'kind'>> = {}): RetryVerdict {
  return { ...DELIVERY_RETRY, ...over };
}

export function hold(
  scope: HoldScope,
  remedy: string,
  recheckAfterMs: number | null = null,
): HoldVerdict {
  return { kind: 'hold', scope, remedy, recheckAfterMs };
}

const MOST_WAIT_MS = 86_400_000;

/**
 * A verdict with its reason. A wait that the provider named only ever lengthens a retry, and none
 * by more than a day: it may come from a broken proxy.
 */
export function because(verdict: Verdict, { code, message }: Reason, waitMs = 0): ProviderFailure {
  if (verdict.kind !== 'retry') return { ...verdict, code, message };
  const namedMs = Math.min(waitMs, MOST_WAIT_MS);
  return { ...verdict, notBeforeMs: Math.max(verdict.notBeforeMs, namedMs), code, message };
}
