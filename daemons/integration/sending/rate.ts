import type { Clock } from '../../../lib/core/clock.ts';

/** So many at once, then so many a second. */
export interface TokenBucket {
  /** Whole tokens there are now. */
  available(): number;
  /** Takes up to `count`; how many it got. */
  take(count: number): number;
  /** Gives back what was not used. */
  give(count: number): void;
  /** Until there is one. */
  waitMs(): number;
}

export function createTokenBucket(options: {
  capacity: number;
  perSecond: number;
  clock: Clock;
}): TokenBucket {
  const { capacity, perSecond, clock } = options;
  let tokens = capacity;
  let filledAtMs = clock().getTime();

  const fill = (): void => {
    const nowMs = clock().getTime();
    tokens = Math.min(capacity, tokens + (Math.max(0, nowMs - filledAtMs) / 1000) * perSecond);
    filledAtMs = nowMs;
  };

  return {
    available() {
      fill();
      return Math.floor(tokens);
    },
    take(count) {
      fill();
      const taken = Math.min(count, Math.floor(tokens));
      tokens -= taken;
      return taken;
    },
    give(count) {
      tokens = Math.min(capacity, tokens + count);
    },
    waitMs() {
      fill();
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
    },
  };
}

/** Buckets by key, made when first asked for; the longest unused go when there are too many. */
export function createBuckets(
  make: () => TokenBucket,
  most = 10_000,
): (key: string) => TokenBucket {
  const buckets = new Map<string, TokenBucket>();
  return (key) => {
    const bucket = buckets.get(key) ?? make();
    buckets.delete(key);
    buckets.set(key, bucket);
    const oldest = buckets.size > most ? buckets.keys().next().value : undefined;
    if (oldest !== undefined) buckets.delete(oldest);
    return bucket;
  };
}
