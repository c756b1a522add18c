import type { Stoppable } from '../core/lifecycle.ts';
import type { Database } from '../db/database.ts';
import type { Channel } from '../db/notifications.ts';
import type { Logger } from '../telemetry/log.ts';

export interface Announcer extends Stoppable {
  /** Something was committed that listeners want to know of; returns at once. */
  announce(channel: Channel): void;
}

/** Commits of one moment are told of together. */
const COALESCE_MS = 3;
/** The next is told of no sooner: whoever listens starts a read for each. */
const REST_MS = 25;

/**
 * Tells listeners after the commit: at once when nothing was told lately, and else once in 25 ms a
 * process. A NOTIFY inside the transaction would make every commit wait for a lock of the whole
 * server. One lost with the process is made up for by its listeners' sweeps.
 */
export function createAnnouncer(deps: {
  readonly database: Pick<Database, 'notify'>;
  readonly log: Pick<Logger, 'warn'>;
}): Announcer {
  const waiting = new Set<Channel>();
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> | undefined;

  const tell = async (): Promise<void> => {
    const channels = [...waiting];
    waiting.clear();
    for (const channel of channels) {
      try {
        await deps.database.notify(channel);
      } catch (error) {
        deps.log.warn({ err: error, channel }, 'could not announce; listeners look by themselves');
      }
    }
  };

  const tellAndRest = (): void => {
    timer = undefined;
    if (waiting.size === 0) return;
    telling = tell();
    timer = setTimeout(tellAndRest, REST_MS);
  };

  return {
    announce(channel) {
      waiting.add(channel);
      timer ??= setTimeout(tellAndRest, COALESCE_MS);
    },
    /** Tells what is still waiting. */
    async stop() {
      clearTimeout(timer);
      await telling;
      await tell();
    },
  };
}
