import type { ClientId } from '../../../lib/core/ids.ts';
import { stopAll, type Stoppable } from '../../../lib/core/lifecycle.ts';
import type { NotificationHub } from '../../../lib/db/notifications.ts';
import type { EventPosition } from '../../../lib/events/outbox.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import { createClientReader, type ClientReader, type Subscriber } from './reader.ts';
import type { EventSource } from './source.ts';

export interface Readers extends Stoppable {
  /**
   * Joins the client's reader, begun at `from` when there is none; it goes on while it has
   * subscribers. What it returns leaves it again.
   */
  join(clientId: ClientId, from: EventPosition, subscriber: Subscriber): () => void;
}

/** So often at most a client's events are looked for … */
const LEAST_GAP_MS = 25;
/** … and about 200 times a second for all clients together. */
const GAP_PER_READER_MS = 5;

/** One reader for each client that somebody follows. */
export function createReaders(deps: {
  source: EventSource;
  hub: NotificationHub;
  log: Logger;
}): Readers {
  const { source, hub, log } = deps;
  const readers = new Map<ClientId, ClientReader>();
  const stopping = new Set<Promise<void>>();
  const gapMs = () => Math.max(LEAST_GAP_MS, readers.size * GAP_PER_READER_MS);
  const unsubscribe = hub.subscribe('leadctl_events', () => {
    for (const reader of readers.values()) reader.wake();
  });

  const begin = (clientId: ClientId, position: EventPosition): ClientReader => {
    const reader = createClientReader({ source, log, clientId, position, gapMs });
    readers.set(clientId, reader);
    return reader;
  };

  const dismiss = (clientId: ClientId, reader: ClientReader): void => {
    readers.delete(clientId);
    const stopped = reader.stop().finally(() => stopping.delete(stopped));
    stopping.add(stopped);
  };

  return {
    join(clientId, from, subscriber) {
      const reader = readers.get(clientId) ?? begin(clientId, from);
      reader.join(subscriber);
      return () => {
        if (reader.leave(subscriber) === 0) dismiss(clientId, reader);
      };
    },
    async stop() {
      unsubscribe();
      await stopAll([...readers.values()]);
      await Promise.all(stopping);
    },
  };
}
