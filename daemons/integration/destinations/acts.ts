import type { Actor } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import type { ClientId } from '../../../lib/core/ids.ts';
import { inUnit } from '../../../lib/db/statement.ts';
import type { UserIdentity } from '../../../lib/identity/identity.ts';
import { releaseLanesOf } from '../sending/transitions/release-lanes.ts';
import { skipRemoved } from '../sending/transitions/skip-removed.ts';
import { isSwitch } from '../switchboard/names.ts';
import { keepEqual } from '../switchboard/store.ts';
import { acting, noSuchDestination, record, type ActingDeps } from './acting.ts';
import { backfillDestination, MOST_BACKFILLED } from './backfill.ts';
import type { Destination } from './model.ts';
import type { Backfill } from './shapes.ts';
import * as store from './store.ts';

/** In the request; the sweep does what is left. */
const MOST_SKIPPED = 20_000;

export async function removed(
  deps: ActingDeps,
  actor: Actor,
  clientId: ClientId,
  id: string,
): Promise<Failure | undefined> {
  const done = await acting(deps, actor, clientId, async (unit) => {
    const row = await store.lockDestination(unit, id);
    if (row === undefined) return noSuchDestination(id);
    await store.removeDestination(unit, id, deps.clock());
    if (isSwitch(row.name)) await keepEqual(unit);
    const skipped = await skipRemoved(inUnit(unit), { destinationId: id, most: MOST_SKIPPED });
    await record(unit, actor, 'destination.delete', row, { name: row.name, skipped });
    return row;
  });
  return isFailure(done) ? done : undefined;
}

export function released(deps: ActingDeps, actor: Actor, clientId: ClientId, id: string) {
  return acting(deps, actor, clientId, async (unit) => {
    const row = await store.lockDestination(unit, id);
    if (row === undefined) return noSuchDestination(id);
    const freed = await releaseLanesOf(inUnit(unit), clientId, id);
    const done = {
      released: freed.reduce((sum, { deliveries }) => sum + deliveries, 0),
      lanes: freed.filter((lane) => lane.was_held).length,
    };
    const isSome = done.released + done.lanes > 0;
    if (isSome) await record(unit, actor, 'destination.release', row, { name: row.name, ...done });
    return done;
  });
}

export function backfilled(
  deps: ActingDeps,
  actor: Actor & { readonly identity: UserIdentity },
  clientId: ClientId,
  id: string,
  which: Backfill,
) {
  return acting(deps, actor, clientId, async (unit) => {
    // Counting keeps nobody from changing it.
    const row = await (which.dry_run ? store.findDestination : store.lockDestination)(unit, id);
    if (row === undefined) return noSuchDestination(id);
    if (!row.enabled && !which.dry_run) return switchedOff(row);
    const done = await backfillDestination(unit, deps.kinds, row, {
      actor: actor.identity,
      which,
      most: deps.mostBackfilled ?? MOST_BACKFILLED,
    });
    if (!which.dry_run && done.count > 0) {
      const { since, until, filter } = which;
      // A filter's values may be somebody's address.
      const by = Object.keys(filter ?? {});
      const detail = { name: row.name, since, until, filter: by, count: done.count };
      await record(unit, actor, 'destination.backfill', row, detail);
    }
    return done;
  });
}

function switchedOff({ name, disabled_message: why }: Destination): Failure {
  const because = why === null ? '' : ` (${why.replace(/[.\s]*$/, '')})`;
  const what = `${name} is switched off${because}, so nothing would go out`;
  return fail('conflict', `${what}; set enabled to true first.`);
}
