/** What one process knows of one counter: what the store last said, and what it has yet to tell it. */
export interface Count {
  readonly key: string;
  readonly windowSeconds: number;
  /** Of all processes, when the store was last heard; this one's told points among them. */
  shared: number;
  /** Points on their way to the store. */
  telling: number;
  /** Points counted here since. */
  untold: number;
  /** On the process's monotonic clock. */
  endsAtMs: number;
}

export function newCount(key: string, windowSeconds: number, nowMs: number): Count {
  const endsAtMs = nowMs + windowSeconds * 1000;
  return { key, windowSeconds, shared: 0, telling: 0, untold: 0, endsAtMs };
}

export function pointsOf({ shared, telling, untold }: Count): number {
  return shared + telling + untold;
}
