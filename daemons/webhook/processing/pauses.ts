/** How long each page's next call has to wait, as its last answers, or their absence, told. */
export interface Pauses {
  /** Never shortens a pause that stands. */
  pause(page: string, forMs: number): void;
  /**
   * 0 for who may call now, otherwise the wait in milliseconds. After a time-out one caller alone is let
   * through, until `answered` or `timedOut` tells how it went.
   */
  takeTurnMs(page: string): number;
  answered(page: string): void;
  /** Pauses the page, longer each time in a row; calls that timed out side by side count as one. */
  timedOut(page: string): void;
}

interface Page {
  pausedUntilMs: number;
  probedUntilMs: number;
  timeouts: number;
}

const MOST_KEPT = 10_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** Longer than a call may take. */
const PROBE_MS = 15_000;

/** In this process alone: another one learns the same from its own first answer. */
export function createPauses(nowMs: () => number): Pauses {
  const pages = new Map<string, Page>();
  const keep = (name: string): Page => {
    if (pages.size >= MOST_KEPT) pages.clear();
    const page = pages.get(name) ?? { pausedUntilMs: 0, probedUntilMs: 0, timeouts: 0 };
    pages.set(name, page);
    return page;
  };
  return {
    pause(name, forMs) {
      if (forMs <= 0) return;
      const page = keep(name);
      page.pausedUntilMs = Math.max(page.pausedUntilMs, nowMs() + forMs);
    },
    takeTurnMs(name) {
      const page = pages.get(name);
      if (page === undefined) return 0;
      const leftMs = Math.max(page.pausedUntilMs, page.probedUntilMs) - nowMs();
      if (leftMs > 0) return leftMs;
      if (page.timeouts === 0) pages.delete(name);
      else page.probedUntilMs = nowMs() + PROBE_MS;
      return 0;
    },
    answered(name) {
      const page = pages.get(name);
      if (page === undefined) return;
      page.timeouts = 0;
      page.probedUntilMs = 0;
    },
    timedOut(name) {
      const page = keep(name);
      page.probedUntilMs = 0;
      if (page.pausedUntilMs > nowMs()) return;
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(page.timeouts, 10));
      page.timeouts += 1;
      page.pausedUntilMs = nowMs() + pauseMs;
    },
  };
}
