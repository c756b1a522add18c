import type { Call } from '../../../lib/contract/handler.ts';
import { fail, type Failure } from '../../../lib/core/errors.ts';
import type { Limits } from '../../../lib/limits/limits.ts';
import { limitHeaders, tooMany } from '../../../lib/limits/verdict.ts';
import type { KnownKey } from './known-key.ts';

export interface KeyLimiter {
  /**
   * Undefined when the key may go on; counts `points` of what is limited, with 0 only looks. The
   * answer says where the key stands either way.
   */
  refuse(key: KnownKey, points: number, call: Pick<Call, 'answerWith'>): Failure | undefined;
}

const WINDOW_S = 60;
const POLICY_NAMES = { leads: 'key', requests: 'key-requests' };

/** Each limited key's leads, or requests, in all processes together; nothing is written on the way of a lead. */
export function createKeyLimiter(limits: Limits, what: keyof typeof POLICY_NAMES): KeyLimiter {
  return {
    refuse({ id, rateLimitPerMinute: most }, points, call) {
      if (most === null) return undefined;
      if (points > most) return tooManyAtOnce(most, points);
      const policy = { name: POLICY_NAMES[what], points: most, windowSeconds: WINDOW_S };
      const verdict = limits.limiter(policy).take(id, points);
      if (!verdict.isAllowed)
        return tooMany(verdict, `The API key may send ${most} ${what} a minute`);
      call.answerWith(limitHeaders(verdict));
      return undefined;
    },
  };
}

/** No waiting would ever let these through, and trying must not use up what single leads have left. */
function tooManyAtOnce(perMinute: number, points: number): Failure {
  return fail(
    'validation_failed',
    `The API key may send ${perMinute} leads a minute; ${points} at once are too many. Send smaller batches.`,
    { errors: [{ path: 'body.leads', message: `at most ${perMinute} for this key` }] },
  );
}
