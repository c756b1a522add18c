import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Stoppable } from '../../../lib/core/lifecycle.ts';
import type { EventPosition } from '../../../lib/events/outbox.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import { createWakeSignal } from './wake-signal.ts';
import type { EventSource } from './source.ts';
import type { PageView, Viewer } from './view.ts';

export interface Subscriber {
  readonly viewer: Viewer;
  /** Is handed every page with events, in order; must not wait. */
  take(view: PageView): void;
}

/** Reads one client's events once, for all the streams that follow it. */
export interface ClientReader extends Stoppable {
  /** Hands over what it reads from now on; what it has read before is for the subscriber to read. */
  join(subscriber: Subscriber): void;
  /** How many are left. */
  leave(subscriber: Subscriber): number;
  /** There may be something new. */
  wake(): void;
}

/** A notification may be lost: look again by then. */
const SWEEP_MS = 1_000;
/** A commit may still be hidden behind a slower one: after news, look again soon, then ever later. */
const SOON_MS = 50;
const RETRY_MS = 1_000;

export interface ClientReaderDeps {
  readonly source: EventSource;
  readonly log: Logger;
  readonly clientId: ClientId;
  readonly position: EventPosition;
  /** The least time between two looks; so many notifications make one read. */
  readonly gapMs: () => number;
}

export function createClientReader(deps: ClientReaderDeps): ClientReader {
  const { source, log, clientId } = deps;
  const subscribers = new Set<Subscriber>();
  const stopping = new AbortController();
  const signal = createWakeSignal();
  let position = deps.position;

  const viewers = (): Viewer[] => [...subscribers].map(({ viewer }) => viewer);
  const uncovered = (view: PageView) => viewers().filter((viewer) => !view.covers(viewer));

  const readOnce = async (): Promise<PageView> => {
    const view = await source.read(clientId, position, viewers());
    // Somebody may join while others are being covered; the page is theirs, too.
    for (let late = uncovered(view); late.length > 0; late = uncovered(view)) {
      await source.cover(clientId, view, late);
    }
    if (view.events.length > 0) for (const subscriber of subscribers) subscriber.take(view);
    position = view.upTo;
    return view;
  };

  const tryToRead = async (): Promise<PageView | undefined> => {
    try {
      return await readOnce();
    } catch (error) {
      // The position stands: the streams wait and miss nothing, and drop what they had already.
      log.warn({ err: error, client_id: clientId }, 'lead events could not be read; trying again');
      return undefined;
    }
  };

  const run = async (): Promise<void> => {
    let restMs = SOON_MS;
    while (!stopping.signal.aborted) {
      const view = await tryToRead();
      if (view?.isFull) continue;
      await sleep(view ? deps.gapMs() : RETRY_MS, undefined, stopping).catch(() => undefined);
      const isNews = await signal.wait(restMs);
      restMs = isNews || view?.events.length ? SOON_MS : Math.min(restMs * 2, SWEEP_MS);
    }
  };
  const running = run();

  return {
    join: (subscriber) => void subscribers.add(subscriber),
    leave(subscriber) {
      subscribers.delete(subscriber);
      return subscribers.size;
    },
    wake: signal.wake,
    async stop() {
      stopping.abort();
      signal.wake();
      await running;
    },
  };
}
