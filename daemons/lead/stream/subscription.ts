import type { Readable } from 'node:stream';
import type { ClientId } from '../../../lib/core/ids.ts';
import { isAfter, type EventPosition } from '../../../lib/events/outbox.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import { createStreamWriter, type StreamWriterLimits } from './stream-writer.ts';
import type { Readers } from './readers.ts';
import { renderHeartbeat, renderOpening } from './render.ts';
import type { EventSource } from './source.ts';
import type { PageView, Viewer } from './view.ts';

export interface SubscriptionDeps {
  readonly source: EventSource;
  readonly readers: Readers;
  readonly log: Logger;
  readonly clientId: ClientId;
  readonly viewer: Viewer;
  /** Everything after this is sent. */
  readonly start: EventPosition;
  readonly limits: StreamWriterLimits;
}

export interface Subscription {
  readonly stream: Readable;
  /** Sends a sign of life, unless there is something better on its way. */
  beat(): void;
}

/** Pages that may arrive during the look after joining; more mean that it takes too long. */
const MOST_HELD_BACK = 100;

/**
 * One stream. It reads by itself up to about now, joins the client's reader, and reads by itself
 * once more: that begins after joining, so it finds all that the reader had passed by then. What
 * the reader hands over meanwhile waits, and whatever is not after the stream's own position is
 * dropped: nothing is missed, nothing repeated.
 */
export function openSubscription(deps: SubscriptionDeps): Subscription {
  const { source, readers, log, clientId, viewer } = deps;
  const writer = createStreamWriter(deps.limits);
  let position = deps.start;
  let heldBack: PageView[] | undefined = [];

  const send = (view: PageView): void => {
    const chunk = view.chunkFor(viewer, position);
    if (isAfter(view.upTo, position)) position = view.upTo;
    if (chunk) writer.write(chunk);
  };

  const take = (view: PageView): void => {
    if (heldBack === undefined) send(view);
    else if (heldBack.length < MOST_HELD_BACK) heldBack.push(view);
    else writer.end();
  };

  /** Until a page is not full: then everything that was there when it was read has been sent. */
  const catchUp = async (): Promise<void> => {
    let isBehind = true;
    while (isBehind && writer.isOpen()) {
      const view = await source.read(clientId, position, [viewer]);
      send(view);
      isBehind = view.isFull;
      await writer.drained();
    }
  };

  const follow = async (): Promise<void> => {
    await catchUp();
    if (!writer.isOpen()) return;
    writer.stream.once('close', readers.join(clientId, position, { viewer, take }));
    await catchUp();
    for (const view of heldBack ?? []) send(view);
    heldBack = undefined;
  };

  writer.write(renderOpening(position, clientId));
  follow().catch((error: unknown) => {
    // The caller reconnects with the last position; nothing is missed by ending here.
    if (writer.isOpen()) log.warn({ err: error, client_id: clientId }, 'lead stream ended');
    writer.end();
  });
  return {
    stream: writer.stream,
    beat() {
      if (!writer.hasWaiting()) writer.write(renderHeartbeat(position));
    },
  };
}
