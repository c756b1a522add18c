import type { Readable } from 'node:stream';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import type { Stoppable } from '../../../lib/core/lifecycle.ts';
import type { Database } from '../../../lib/db/database.ts';
import type { NotificationHub } from '../../../lib/db/notifications.ts';
import { isAfter, parsePosition, type EventPosition } from '../../../lib/events/outbox.ts';
import { callerId, type UserIdentity } from '../../../lib/identity/identity.ts';
import type { Logger } from '../../../lib/telemetry/log.ts';
import type { StreamWriterLimits } from './stream-writer.ts';
import { createReaders } from './readers.ts';
import { createSlots, type Slot, type SlotLimits } from './slots.ts';
import { createEventSource } from './source.ts';
import { openSubscription, type Subscription } from './subscription.ts';
import { viewerOf, type Viewer } from './view.ts';

export interface LeadStreams extends Stoppable {
  /** Server-sent events of the client's leads, from `lastEventId` or from now on. */
  open(
    actor: UserIdentity,
    clientId: ClientId,
    options: { lastEventId: string | undefined; signal: AbortSignal },
  ): Promise<Readable | Failure>;
}

export interface LeadStreamDeps {
  /** Its own few connections, so that followers and everybody else do not wait for each other. */
  readonly database: Database;
  readonly hub: NotificationHub;
  readonly log: Logger;
  readonly limits?: Partial<Limits>;
}

interface Limits extends StreamWriterLimits, SlotLimits {
  /** Something is sent at least this often; every 15 s is promised. */
  readonly heartbeatMs: number;
}

const LIMITS: Limits = {
  perUser: 100,
  perProcess: 500,
  mostWaitingBytes: 2 * 1024 * 1024,
  stallMs: 30_000,
  heartbeatMs: 10_000,
};

export function createLeadStreams(deps: LeadStreamDeps): LeadStreams {
  const { hub, log } = deps;
  const limits = { ...LIMITS, ...deps.limits };
  const source = createEventSource(deps.database);
  const readers = createReaders({ source, hub, log });
  const slots = createSlots(limits);
  const open = new Set<Subscription>();
  let isStopped = false;
  const heartbeat = setInterval(() => {
    for (const subscription of open) subscription.beat();
  }, limits.heartbeatMs);

  const startOf = async (
    clientId: ClientId,
    lastEventId: string | undefined,
  ): Promise<EventPosition | Failure> => {
    const { last, horizon } = await source.now(clientId);
    if (lastEventId === undefined || lastEventId === '') return last;
    const position = parsePosition(lastEventId);
    return position === undefined || isAfter(position, horizon) ? unknownPosition() : position;
  };

  const keep = (subscription: Subscription, slot: Slot): void => {
    open.add(subscription);
    subscription.stream.once('close', () => {
      open.delete(subscription);
      slot.giveBack();
    });
  };

  const begin = async (
    viewer: Viewer,
    clientId: ClientId,
    lastEventId: string | undefined,
  ): Promise<Subscription | Failure> => {
    const start = await startOf(clientId, lastEventId);
    if (isFailure(start)) return start;
    if (isStopped) return stopping();
    return openSubscription({ source, readers, log, clientId, viewer, start, limits });
  };

  return {
    async open(actor, clientId, { lastEventId, signal }) {
      const viewer = viewerOf(actor);
      if (viewer === undefined) return fail('not_found', `There is no client ${clientId}.`);
      const slot = slots.take(callerId(actor));
      if (isFailure(slot)) return slot;
      let subscription: Subscription | undefined;
      try {
        const begun = await begin(viewer, clientId, lastEventId);
        if (isFailure(begun)) return begun;
        subscription = begun;
      } finally {
        if (subscription === undefined) slot.giveBack();
      }
      keep(subscription, slot);
      const { stream } = subscription;
      signal.addEventListener('abort', () => stream.destroy(), { once: true });
      if (signal.aborted) stream.destroy();
      return stream;
    },

    async stop() {
      isStopped = true;
      clearInterval(heartbeat);
      for (const { stream } of open) stream.destroy();
      await readers.stop();
    },
  };
}

const unknownPosition = () =>
  fail('validation_failed', 'Last-Event-ID is not one that this stream sent.', {
    errors: [{ path: 'header.last-event-id', message: 'unknown position' }],
  });

const stopping = () =>
  fail('upstream_unavailable', 'This service is being stopped; connect again.', {
    retryAfterSeconds: 2,
  });
