/** How long each page's next call has to wait, as its last answers told. */
export interface Pauses {
  /** Never shortens a pause that stands. */
  pause(page: string, forMs: number): void;
  remainingMs(page: string): number;
}

const MOST_KEPT = 10_000;

/** In this process alone: another one learns the same from its own first answer. */
export function createPauses(nowMs: () => number): Pauses {
  const until = new Map<string, number>();
  return {
    pause(page, forMs) {
      if (forMs <= 0) return;
      if (until.size >= MOST_KEPT) until.clear();
      until.set(page, Math.max(until.get(page) ?? 0, nowMs() + forMs));
    },
    remainingMs(page) {
      const leftMs = (until.get(page) ?? 0) - nowMs();
      if (leftMs <= 0) until.delete(page);
      return Math.max(0, leftMs);
    },
  };
}
