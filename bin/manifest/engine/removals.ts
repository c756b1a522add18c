import { attributes, kinds } from '../kinds/index.ts';
import { keyOf, type Found, type Ref } from '../thing.ts';
import { depthOf, rankOf, removingPhase } from './order.ts';
import type { State } from '../thing.ts';
import { step, type Step } from './step.ts';

const staying = new Set(kinds.filter((kind) => kind.staysWhileNeeded).map(({ name }) => name));

interface Thing extends Ref {
  readonly needs?: readonly Ref[];
}

/**
 * The set's things that are there and that the manifest names no more.
 *
 * @param wanted by key; what they need is named, too
 * @param owned what the set made
 */
export function planRemovals(
  state: State,
  wanted: ReadonlyMap<string, Thing>,
  owned: readonly Ref[],
): { readonly steps: readonly Step[]; readonly stale: readonly Ref[] } {
  const needed = [...wanted.values()].flatMap(({ needs = [] }) => needs.map(keyOf));
  const named = new Set([...wanted.keys(), ...needed]);
  const unnamed = owned.filter((one) => !named.has(keyOf(one)));
  const isThere = (one: Found | undefined): one is Found => one !== undefined && !one.isArchived;
  const found = unnamed.map((one) => state.find(one)).filter(isThere);
  const all = new Map(state.things.map((one) => [keyOf(one), one]));
  const leaving = found
    .filter((one) => isOutsideArchive(one, { state, wanted, found }))
    .map((one) => ({ one, depth: depthOf(one, all) }))
    .toSorted((a, b) => rankOf(b.one) - rankOf(a.one) || b.depth - a.depth)
    .map(({ one }) => one);
  return {
    steps: withoutNeeded(leaving, state, wanted).map(removalStep),
    stale: unnamed.filter((one) => !isThere(state.find(one))),
  };
}

/** An archived client keeps what is in it, as archiving promises. */
function isOutsideArchive(
  { kind, clientId }: Found,
  around: {
    readonly state: State;
    readonly wanted: ReadonlyMap<string, Thing>;
    readonly found: readonly Found[];
  },
): boolean {
  if (kind === 'client' || clientId === null) return true;
  const client = { kind: 'client', clientId, identity: clientId };
  if (around.wanted.has(keyOf(client))) return true;
  const isGoing = around.found.some((one) => keyOf(one) === keyOf(client));
  return !isGoing && !around.state.find(client)?.isArchived;
}

/** Leaves out what something that stays still needs; a later pruning takes it when it is free. */
function withoutNeeded(
  leaving: readonly Found[],
  state: State,
  wanted: ReadonlyMap<string, Thing>,
): Found[] {
  const leavingKeys = new Set(leaving.map(keyOf));
  const needed = new Set<string>();
  const stay = (thing: Thing): void => {
    for (const need of (wanted.get(keyOf(thing)) ?? thing).needs ?? []) needed.add(keyOf(need));
  };
  for (const thing of [...state.things, ...wanted.values()]) {
    if (!leavingKeys.has(keyOf(thing)) && !attributes.has(thing.kind)) stay(thing);
  }
  return leaving.filter((thing) => {
    const isKept = staying.has(thing.kind) && needed.has(keyOf(thing));
    if (isKept) stay(thing);
    return !isKept;
  });
}

function removalStep(found: Found): Step {
  const { kind, clientId, identity, name = identity, remove, whenRemoved = [] } = found;
  return step({
    kind,
    clientId,
    identity,
    name,
    action: 'remove',
    phase: removingPhase(found),
    changes: whenRemoved,
    run: async () => {
      if (remove === undefined) throw new Error(`a ${kind} cannot be removed by itself`);
      return remove();
    },
  });
}
