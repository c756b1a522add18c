import type { Actor } from '../../../lib/audit/audit.ts';
import { fail, isFailure, type Failure } from '../../../lib/core/errors.ts';
import { newId, type ClientId } from '../../../lib/core/ids.ts';
import { clientExists, noSuchClient } from '../../../lib/db/clients.ts';
import type { ClientUnit } from '../../../lib/db/scope.ts';
import type { Kind, Kinds } from '../kinds/kind.ts';
import { followSettings } from '../sending/follow-settings.ts';
import { isSwitch } from '../switchboard/names.ts';
import { keepEqual } from '../switchboard/store.ts';
import { acting, noSuchDestination, record, type ActingDeps } from './acting.ts';
import { changedDestinationOf, differences, newDestinationOf } from './change.ts';
import { invalid } from './judge.ts';
import type { Destination } from './model.ts';
import type { DestinationChange, NewDestination } from './shapes.ts';
import * as store from './store.ts';

const MOST_DESTINATIONS = 100;

export function created(deps: ActingDeps, actor: Actor, clientId: ClientId, input: NewDestination) {
  return acting(deps, actor, clientId, async (unit) => {
    if (!(await clientExists(unit))) return noSuchClient(clientId);
    const kind = deps.kinds.get(input.kind);
    if (kind === undefined) return noSuchKind(deps.kinds);
    const place = { id: newId(), client_id: clientId };
    const wanted = newDestinationOf(kind, place, input, {
      keyring: deps.keyring,
      now: deps.clock(),
    });
    if (isFailure(wanted)) return wanted;
    const taken = (await store.lockNamed(unit, [input.name])).get(input.name);
    if (taken !== undefined) return nameTaken(input.name);
    if ((await store.countDestinations(unit)) >= MOST_DESTINATIONS) return tooMany();
    const { destination: row, made } = wanted;
    await save(unit, deps.kinds, row, [row.name]);
    const detail = { name: row.name, kind: row.kind, enabled: row.enabled };
    await record(unit, actor, 'destination.create', row, detail);
    return { row, made };
  });
}

export function changed(
  deps: ActingDeps,
  actor: Actor,
  clientId: ClientId,
  id: string,
  change: DestinationChange,
) {
  return acting(deps, actor, clientId, async (unit) => {
    const before = await store.lockDestination(unit, id);
    if (before === undefined) return noSuchDestination(id);
    const kind = kindOf(deps.kinds, before);
    if (isFailure(kind)) return kind;
    const context = { keyring: deps.keyring, now: deps.clock() };
    const row = changedDestinationOf(kind, before, change, context);
    if (isFailure(row)) return row;
    if (row.name !== before.name && (await store.findNamed(unit, [row.name])).has(row.name)) {
      return nameTaken(row.name);
    }
    const fields = differences(before, row);
    if (fields.length === 0) {
      return { row: before, changed: fields, held: await store.findHeldLanes(unit) };
    }
    await save(unit, deps.kinds, row, [before.name, row.name]);
    const detail = { name: row.name, changed: fields, version: row.version };
    await record(unit, actor, 'destination.update', row, detail);
    return { row, changed: fields, held: await store.findHeldLanes(unit) };
  });
}

/** With its version, what waits under it, and the switches that show it. */
async function save(
  unit: ClientUnit,
  kinds: Kinds,
  row: Destination,
  names: readonly string[],
): Promise<void> {
  await store.saveDestination(unit, row);
  await followSettings(unit, kinds, row);
  if (names.some(isSwitch)) await keepEqual(unit);
}

function kindOf(kinds: Kinds, row: Destination): Kind | Failure {
  const kind = kinds.get(row.kind);
  if (kind !== undefined) return kind;
  const what = `This version of leadctl does not have the kind ${row.kind} of ${row.name}`;
  return fail('conflict', `${what}; update it, or remove the destination.`);
}

function noSuchKind(kinds: Kinds): Failure {
  const message = `must be one of ${[...kinds.keys()].join(', ')}`;
  return invalid([{ path: 'body.kind', message }]);
}

function nameTaken(name: string): Failure {
  const what = `The client has a destination named ${name} already`;
  return fail('conflict', `${what}; change that one, or choose another name.`);
}

function tooMany(): Failure {
  const what = `The client has ${MOST_DESTINATIONS} destinations, which is the most`;
  return fail('conflict', `${what}; remove one that is not needed any more.`);
}
