import type { Clock } from '../../lib/core/clock.ts';
import type { ProviderReply } from '../reply.ts';
import { createBoundedMap } from '../bounded.ts';
import { knownGraphError } from '../meta/graph-errors.ts';

/** WhatsApp's own: 45 messages at once to one recipient, then one in 6 s; 80 a second from one number. */
const PAIR = { burst: 45, perSecond: 1 / 6 };

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Rate limits of WhatsApp; off until a control call switches them on. */
export interface WhatsAppLimits {
  set(limits: { pair?: boolean | undefined; messagesPerSecond?: number | null | undefined }): void;
  current(): { pair: boolean; messagesPerSecond: number | undefined };
  refuse(phoneNumberId: string, waId: string): ProviderReply | undefined;
  reset(): void;
}

export function createWhatsAppLimits(deps: { clock: Clock }): WhatsAppLimits {
  const buckets = createBoundedMap<Bucket>(50_000);
  let pair = false;
  let messagesPerSecond: number | undefined;

  function take(key: string, rate: { burst: number; perSecond: number }): boolean {
    const nowMs = deps.clock().getTime();
    const bucket = buckets.get(key) ?? { tokens: rate.burst, atMs: nowMs };
    const refilled = bucket.tokens + ((nowMs - bucket.atMs) / 1000) * rate.perSecond;
    const tokens = Math.min(rate.burst, refilled);
    const isAllowed = tokens >= 1;
    buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    return isAllowed;
  }

  return {
    set(limits) {
      if (limits.pair !== undefined) pair = limits.pair;
      if (limits.messagesPerSecond !== undefined) {
        messagesPerSecond = limits.messagesPerSecond ?? undefined;
      }
      buckets.clear();
    },
    current: () => ({ pair, messagesPerSecond }),
    refuse(phoneNumberId, waId) {
      const rate = messagesPerSecond;
      if (rate !== undefined && !take(phoneNumberId, { burst: rate, perSecond: rate })) {
        return knownGraphError(
          130_429,
          'Message failed to send because there were too many messages sent from this phone number in a short period of time.',
        );
      }
      if (pair && !take(`${phoneNumberId}|${waId}`, PAIR)) {
        return knownGraphError(
          131_056,
          'Message failed to send because there were too many messages sent to the same recipient phone number in a short period of time.',
        );
      }
      return undefined;
    },
    reset() {
      pair = false;
      messagesPerSecond = undefined;
      buckets.clear();
    },
  };
}
