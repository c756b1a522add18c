import type { ClientId } from '../../../lib/core/ids.ts';

export interface SourceKey {
  readonly clientId: ClientId;
  readonly sourceId: string;
}

/**
 * Goes through all sources, `atATime` side by side. A run that is ended before it was through is gone on
 * with by the next one, so that every source has its turn however many there are. What `work` throws goes
 * to `onError` and is that source's alone.
 */
export function createRounds(deps: {
  /** By ascending id. */
  readonly list: () => Promise<readonly SourceKey[]>;
  readonly work: (source: SourceKey, signal: AbortSignal) => Promise<void>;
  readonly atATime: number;
  readonly onError: (error: unknown) => void;
}): (signal: AbortSignal) => Promise<void> {
  let lastId = '';

  return async (signal) => {
    const sources = await deps.list();
    const nextAt = Math.max(
      0,
      sources.findIndex(({ sourceId }) => sourceId > lastId),
    );
    const waiting = [...sources.slice(nextAt), ...sources.slice(0, nextAt)];
    const each = async (): Promise<void> => {
      while (!signal.aborted) {
        const source = waiting.shift();
        if (source === undefined) return;
        lastId = source.sourceId;
        await deps.work(source, signal).catch(deps.onError);
      }
    };
    await Promise.all(Array.from({ length: deps.atATime }, each));
  };
}
