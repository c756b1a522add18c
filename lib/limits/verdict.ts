import { fail, type Failure } from '../core/errors.ts';

/** So many points in each window; counted by name, so that two policies of one name share their counts. */
export interface LimitPolicy {
  /** Shown to callers in `RateLimit-Policy`, e.g. `user`. */
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}

export interface Verdict {
  readonly isAllowed: boolean;
  readonly policy: LimitPolicy;
  /** Points left in the window. */
  readonly remaining: number;
  /** Until the window begins anew, in whole seconds, at least one. */
  readonly resetSeconds: number;
}

/** What an answer says of its limit (draft-ietf-httpapi-ratelimit-headers). */
export function limitHeaders({ policy, remaining, resetSeconds }: Verdict): Record<string, string> {
  return {
    'RateLimit-Policy': `"${policy.name}";q=${policy.points};w=${policy.windowSeconds}`,
    RateLimit: `"${policy.name}";r=${remaining};t=${resetSeconds}`,
  };
}

/** The refusal of a verdict; `what` is who may do how much, a sentence without its end. */
export function tooMany(verdict: Verdict, what: string): Failure {
  return fail('rate_limited', `${what}; try again in ${verdict.resetSeconds} s.`, {
    retryAfterSeconds: verdict.resetSeconds,
    headers: limitHeaders({ ...verdict, remaining: 0 }),
  });
}
