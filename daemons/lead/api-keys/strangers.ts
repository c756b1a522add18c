import type { Call } from '../../../lib/contract/handler.ts';
import type { Failure } from '../../../lib/core/errors.ts';
import { networkOf } from '../../../lib/http/network.ts';
import type { Limits } from '../../../lib/limits/limits.ts';
import { limitHeaders, tooMany } from '../../../lib/limits/verdict.ts';

export interface Strangers {
  /** Counts a key that nobody knows against its address; the failure when that has tried too many. */
  blame(call: Pick<Call, 'ip' | 'answerWith'>): Failure | undefined;
}

/**
 * Only who has no key of ours is counted: a known key is never refused for what others at its
 * address do, be it an office, a hosting provider, or a proxy that does not tell addresses apart.
 */
export function createStrangers(limits: Limits, perMinute: number): Strangers {
  const limiter = limits.limiter({ name: 'unknown-key', points: perMinute, windowSeconds: 60 });
  return {
    blame(call) {
      const verdict = limiter.take(networkOf(call.ip));
      if (!verdict.isAllowed) {
        return tooMany(verdict, `An address may try ${perMinute} unknown keys a minute`);
      }
      call.answerWith(limitHeaders(verdict));
      return undefined;
    },
  };
}
