import type { Io } from '../io.ts';
import { visible } from './text.ts';
import { truncate } from './width.ts';

export interface Progress {
  update(text: string): void;
  /** Takes the line away; what comes next begins on a clean one. */
  clear(): void;
}

const REDRAW_MS = 100;

/** One line on stderr that is drawn over itself; nothing where nobody watches. */
export function createProgress(io: Io, quiet: boolean, nowMs: () => number): Progress {
  if (!io.stderrIsTty || quiet) return { update: () => undefined, clear: () => undefined };
  let drawnAtMs = -Infinity;
  return {
    update(text) {
      const now = nowMs();
      if (now - drawnAtMs < REDRAW_MS) return;
      drawnAtMs = now;
      io.stderr.write(`\r\u001b[K${truncate(visible(text), io.columns - 1)}`);
    },
    clear() {
      if (drawnAtMs !== -Infinity) io.stderr.write('\r\u001b[K');
    },
  };
}
