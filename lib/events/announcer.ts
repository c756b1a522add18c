import type { Database } from '../db/database.ts';
import type { Channel } from '../db/notifications.ts';

export interface Announcer {
  /** Something was committed that listeners want to know of; returns at once. */
  announce(channel: Channel): void;
  /** Sends what is still waiting. */
  stop(): Promise<void>;
}

const COALESCE_MS = 3;

/**
 * Tells listeners after the commit and at most once in 3 ms a channel: a NOTIFY inside the
 * transaction would make every commit wait for a lock of the whole server. One lost with the
 * process is made up for by its listeners' sweeps.
 */
export function createAnnouncer(deps: {
  database: Pick<Database, 'notify'>;
  onError: (error: unknown) => void;
}): Announcer {
  const waiting = new Set<Channel>();
  let timer: NodeJS.Timeout | undefined;

  const flush = async (): Promise<void> => {
    timer = undefined;
    const channels = [...waiting];
    waiting.clear();
    for (const channel of channels) {
      try {
        await deps.database.notify(channel);
      } catch (error) {
        deps.onError(error);
      }
    }
  };

  return {
    announce(channel) {
      waiting.add(channel);
      timer ??= setTimeout(() => void flush(), COALESCE_MS);
    },
    async stop() {
      clearTimeout(timer);
      await flush();
    },
  };
}
