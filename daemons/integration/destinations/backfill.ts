import { newId } from '../../../lib/core/ids.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import type { Kinds } from '../kinds/kind.ts';
import { fieldsOf } from '../sending/fields.ts';
import { laneFor } from '../sending/follow-settings.ts';
import { owe } from '../sending/transitions/owe.ts';
import {
  countCandidates,
  isByFields,
  readCandidates,
  type Candidate,
  type Wanted,
} from './backfill-store.ts';
import { matches } from './filter.ts';
import type { Destination } from './model.ts';
import type { Backfill, Backfilled } from './shapes.ts';

/** More are left for the next call, so that one never outlasts a request's time. */
export const MOST_BACKFILLED = 20_000;
const PAGE = 1_000;
/** One a lead and destination, however often somebody backfills. */
const OCCASION = 'backfill';

/**
 * Owes a destination the leads that it has nothing of yet, the oldest first; of the actor's part of the
 * client. Deliveries are checked for consent and suppression when they are sent, as every other.
 */
export async function backfillDestination(
  unit: ClientUnit,
  kinds: Kinds,
  destination: Destination,
  { actor, which, most }: { actor: UserIdentity; which: Backfill; most: number },
): Promise<Backfilled> {
  const wanted: Wanted = {
    actor,
    destinationId: destination.id,
    since: which.since,
    until: which.until,
    filters: [destination.filter, ...(which.filter ? [which.filter] : [])],
  };
  const total = await countMatching(unit, wanted);
  const count = Math.min(total, most);
  if (!which.dry_run) await owePages(unit, kinds, destination, wanted, count);
  return { count, remaining: total - count, dry_run: which.dry_run };
}

async function countMatching(unit: ClientUnit, wanted: Wanted): Promise<number> {
  if (!isByFields(wanted)) return countCandidates(unit, wanted);
  let count = 0;
  for await (const page of pages(unit, wanted)) count += page.length;
  return count;
}

async function owePages(
  unit: ClientUnit,
  kinds: Kinds,
  destination: Destination,
  wanted: Wanted,
  count: number,
): Promise<void> {
  const { id: destination_id, client_id, kind, version } = destination;
  const run = inUnit(unit);
  const laneKey = await laneFor(unit, kinds, destination);
  let left = count;
  if (left === 0) return;
  for await (const page of pages(unit, wanted)) {
    const owed = page.slice(0, left).map((lead) => ({
      id: newId(),
      client_id,
      lead_id: lead.id,
      destination_id,
      kind,
      lane_key: laneKey,
      settings_version: version,
      occasion: OCCASION,
    }));
    await owe(run, owed);
    left -= owed.length;
    if (left === 0) return;
  }
}

/** Those that match, the oldest first, as many as were read at a time. */
async function* pages(unit: ClientUnit, wanted: Wanted): AsyncGenerator<readonly Candidate[]> {
  let afterId: string | undefined;
  for (;;) {
    const read = await readCandidates(unit, wanted, { afterId, limit: PAGE });
    const found = read.filter((lead) =>
      wanted.filters.every((filter) =>
        matches(filter, lead, () => fieldsOf({ lead, payload: lead.payload ?? '{}' })),
      ),
    );
    if (found.length > 0) yield found;
    afterId = read.at(-1)?.id;
    if (read.length < PAGE) return;
  }
}
