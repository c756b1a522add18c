import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../lib/telemetry/log.ts';
import { fail, isFailure, type Failure } from '../../lib/core/errors.ts';
import type { ClientId } from '../../lib/core/ids.ts';
import type { Database } from '../../lib/db/database.ts';
import type { NotificationHub } from '../../lib/db/notifications.ts';
import { clientScope } from '../../lib/db/scope.ts';
import {
  currentPosition,
  formatPosition,
  parsePosition,
  readEventsAfter,
  type EventPosition,
  type LeadEvent,
} from '../../lib/events/outbox.ts';
import type { UserIdentity } from '../../lib/identity/identity.ts';
import type { Lead } from './contract.ts';

export interface LeadStream {
  /** Server-sent events of the client's leads, from `lastEventId` or from now on. */
  open(
    actor: UserIdentity,
    clientId: ClientId,
    options: { lastEventId: string | undefined; signal: AbortSignal },
  ): Promise<Readable | Failure>;
}

const PAGE = 200;
const HEARTBEAT_MS = 10_000;
/** A notification may be lost or a commit still hidden behind a slower one: look again by then. */
const SWEEP_MS = 1_000;

const EVENT_NAMES: Readonly<Record<LeadEvent['kind'], string>> = {
  'lead.created': 'lead.created',
  'lead.duplicate': 'lead.updated',
  'lead.updated': 'lead.updated',
  'lead.erased': 'lead.updated',
  'delivery.updated': 'delivery.updated',
};

export interface LeadStreamDeps {
  readonly database: Database;
  readonly hub: NotificationHub;
  readonly log: Logger;
  /** The lead as the actor may see it, or undefined when it is not theirs to see. */
  readonly readLead: (
    actor: UserIdentity,
    clientId: ClientId,
    leadId: string,
  ) => Promise<Lead | undefined>;
}

export function createLeadStream(deps: LeadStreamDeps): LeadStream {
  return {
    async open(actor, clientId, { lastEventId, signal }) {
      const start = await startPosition(deps, clientId, lastEventId);
      if (isFailure(start)) return start;
      return Readable.from(follow(deps, actor, clientId, start, signal), { objectMode: false });
    },
  };
}

async function startPosition(
  deps: LeadStreamDeps,
  clientId: ClientId,
  lastEventId: string | undefined,
): Promise<EventPosition | Failure> {
  if (lastEventId === undefined || lastEventId === '') {
    return deps.database.inTransaction(clientScope(clientId), currentPosition);
  }
  return (
    parsePosition(lastEventId) ??
    fail('validation_failed', 'Last-Event-ID is not one that this stream sent.', {
      errors: [{ path: 'header.last-event-id', message: 'unknown position' }],
    })
  );
}

async function* follow(
  deps: LeadStreamDeps,
  actor: UserIdentity,
  clientId: ClientId,
  start: EventPosition,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let position = start;
  let wake = (): void => undefined;
  const unsubscribe = deps.hub.subscribe('leadctl_events', () => wake());
  // The position is sent at once, so that a client which reconnects before the first event resumes here.
  yield `id: ${formatPosition(position)}\n: following ${clientId}\n\n`;
  let lastSentMs = Date.now();
  try {
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const events = await deps.database.inTransaction(clientScope(clientId), (unit) =>
        readEventsAfter(unit, position, { clientId, limit: PAGE }),
      );
      for (const event of events) {
        position = event;
        const text = await render(deps, actor, clientId, event);
        if (text !== undefined) {
          yield text;
          lastSentMs = Date.now();
        }
      }
      if (events.length === PAGE) continue;
      if (Date.now() - lastSentMs >= HEARTBEAT_MS) {
        yield `: still here\n\n`;
        lastSentMs = Date.now();
      }
      await Promise.race([woken, sleep(SWEEP_MS, undefined, { signal }).catch(() => undefined)]);
    }
  } catch (error) {
    // The caller reconnects with the last position; nothing is missed by ending here.
    if (!signal.aborted) deps.log.warn({ err: error, client_id: clientId }, 'lead stream ended');
  } finally {
    unsubscribe();
  }
}

async function render(
  deps: LeadStreamDeps,
  actor: UserIdentity,
  clientId: ClientId,
  event: LeadEvent,
): Promise<string | undefined> {
  const lead = await deps.readLead(actor, clientId, event.lead_id);
  if (lead === undefined) return undefined;
  const { raw_payload: _payload, ...summary } = lead;
  const data = {
    at: event.created_at.toISOString(),
    kind: event.kind,
    lead_id: event.lead_id,
    lead: summary,
    detail: event.data,
  };
  return `id: ${formatPosition(event)}\nevent: ${EVENT_NAMES[event.kind]}\ndata: ${JSON.stringify(data)}\n\n`;
}
