import type { Clock } from '../core/clock.ts';

/** Tells at most once a minute and token that it is used. */
export interface TokenUse {
  note(tokenId: string): void;
}

const ONCE_IN_MS = 60_000;
const MOST_TOKENS = 10_000;

/** `write` is not waited for: whoever calls with a token is not kept by the note of it. */
export function createTokenUse(deps: {
  clock: Clock;
  write: (tokenId: string, at: Date) => Promise<void>;
  onError: (error: unknown) => void;
}): TokenUse {
  const notedAtMs = new Map<string, number>();
  return {
    note(tokenId) {
      const at = deps.clock();
      const before = notedAtMs.get(tokenId) ?? Number.NEGATIVE_INFINITY;
      if (at.getTime() - before < ONCE_IN_MS) return;
      if (notedAtMs.size >= MOST_TOKENS) notedAtMs.clear();
      notedAtMs.set(tokenId, at.getTime());
      deps.write(tokenId, at).catch(deps.onError);
    },
  };
}
