import type { ClientUnit } from '../../../lib/db/scope.ts';
import { isAfter, type EventPosition } from '../../../lib/events/outbox.ts';
import { audienceOf } from '../../../lib/hierarchy/audience.ts';
import { seesWholeClient, type UserIdentity } from '../../../lib/identity/identity.ts';
import type { EventPage } from './page.ts';

/** Whose part of the client a stream shows: a member's, or with null all of it, as admins see it. */
export type Viewer = string | null;

/** Undefined for whoever sees nothing of the client at all. */
export function viewerOf(actor: UserIdentity): Viewer | undefined {
  return seesWholeClient(actor) ? null : actor.membership?.id;
}

/** A page of events, and what each of its viewers is sent of it. */
export interface PageView extends EventPage {
  covers(viewer: Viewer): boolean;
  /** Finds out, in one query, what these viewers may see. */
  cover(unit: ClientUnit, viewers: readonly Viewer[]): Promise<void>;
  /** What a covered viewer is sent of what comes after `after`; undefined when that is nothing. */
  chunkFor(viewer: Viewer, after: EventPosition): Buffer | undefined;
}

/** Those who see the same are sent the very same bytes: encoded once, kept once. */
export function viewPage(page: EventPage): PageView {
  const seenBy = new Map<string, ReadonlySet<string | null>>();
  const whole = new Map<Viewer, Buffer>();
  const [first] = page.events;

  const encode = (viewer: Viewer, after: EventPosition | undefined): Buffer => {
    const seen = viewer === null ? undefined : seenBy.get(viewer);
    if (viewer !== null && seen === undefined) throw new TypeError('this viewer was not covered');
    const texts = page.events.flatMap(({ position, assignee, text }) =>
      (seen === undefined || seen.has(assignee)) &&
      (after === undefined || isAfter(position, after))
        ? [text]
        : [],
    );
    return Buffer.from(texts.join(''));
  };

  const encodeWhole = (viewer: Viewer): Buffer => {
    const chunk = whole.get(viewer) ?? encode(viewer, undefined);
    whole.set(viewer, chunk);
    return chunk;
  };

  return {
    ...page,
    covers: (viewer) => viewer === null || page.events.length === 0 || seenBy.has(viewer),
    async cover(unit, viewers) {
      const members = [...new Set(viewers)].filter((viewer) => viewer !== null);
      const assignees = [...new Set(page.events.map(({ assignee }) => assignee))];
      for (const [member, seen] of await audienceOf(unit, { members, assignees })) {
        seenBy.set(member, seen);
      }
    },
    chunkFor(viewer, after) {
      if (first === undefined) return undefined;
      const chunk = isAfter(first.position, after) ? encodeWhole(viewer) : encode(viewer, after);
      return chunk.length > 0 ? chunk : undefined;
    },
  };
}
