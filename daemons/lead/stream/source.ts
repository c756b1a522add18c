import type { ClientId } from '../../../lib/core/ids.ts';
import type { Database } from '../../../lib/db/database.ts';
import { clientScope } from '../../../lib/db/scope.ts';
import { currentPosition, lastPosition, type EventPosition } from '../../../lib/events/outbox.ts';
import { readPage } from './page.ts';
import { viewPage, type PageView, type Viewer } from './view.ts';

/** Where streams read from. */
export interface EventSource {
  /** The next page after `position`, covering these viewers. */
  read(clientId: ClientId, position: EventPosition, viewers: readonly Viewer[]): Promise<PageView>;
  /** Covers viewers who came while the page was being read. */
  cover(clientId: ClientId, view: PageView, viewers: readonly Viewer[]): Promise<void>;
  /** The client's last event at present, and the position that none has reached yet. */
  now(clientId: ClientId): Promise<{ last: EventPosition; horizon: EventPosition }>;
}

export function createEventSource(database: Database): EventSource {
  return {
    read: (clientId, position, viewers) =>
      database.inTransaction(clientScope(clientId), async (unit) => {
        const view = viewPage(await readPage(unit, position));
        await view.cover(unit, viewers);
        return view;
      }),
    cover: (clientId, view, viewers) =>
      database.inTransaction(clientScope(clientId), (unit) => view.cover(unit, viewers)),
    now: (clientId) =>
      database.inTransaction(clientScope(clientId), async (unit) => {
        const last = await lastPosition(unit);
        return { last, horizon: await currentPosition(unit) };
      }),
  };
}
