import { clientRef } from '../kinds/client.ts';
import { showKind } from '../names.ts';
import type { Placed } from '../file/manifest.ts';
import type { Problem } from '../file/document.ts';
import { didYouMean } from '../file/suggest.ts';
import { keyOf, type Found, type Need, type Ref, type Wanted } from '../thing.ts';
import { changesBetween } from './changes.ts';
import { depthOf, loopsThrough, makingPhase, rankOf } from './order.ts';
import { planRemovals } from './removals.ts';
import type { State } from '../thing.ts';
import { step, type Plan, type Step } from './step.ts';

type Everything = ReadonlyMap<string, Placed | Found>;

/** The things by key; of what is named more than once the first. */
export function byKey<T extends Ref>(things: readonly T[]): Map<string, T> {
  const first = new Map<string, T>();
  for (const one of things) if (!first.has(keyOf(one))) first.set(keyOf(one), one);
  return first;
}

/**
 * The steps from what is there to what is wanted. Makes come first and everything before what needs it;
 * removals come last, and everything after what still needs it.
 *
 * @param owned what the set made and may therefore be removed; nothing without `--prune`
 */
export function planChanges(state: State, things: readonly Placed[], owned: readonly Ref[]): Plan {
  const wanted = byKey(things);
  const all: Everything = new Map([...byKey(state.things), ...wanted]);
  const inOrder = [...Map.groupBy(wanted.values(), ({ clientId }) => clientId)]
    .toSorted(([a], [b]) => Number(a !== null) - Number(b !== null))
    .flatMap(([, group]) =>
      group
        .map((one) => ({ one, depth: depthOf(one, all) }))
        .toSorted((a, b) => rankOf(a.one) - rankOf(b.one) || a.depth - b.depth),
    );
  const removals = planRemovals(state, wanted, owned);
  return {
    steps: [...inOrder.flatMap(({ one }) => makingStep(state, one)), ...removals.steps],
    stale: removals.stale,
  };
}

function makingStep(state: State, thing: Wanted): Step[] {
  const { kind, clientId, identity, name = identity, needs = [], make, change } = thing;
  const found = state.find(thing);
  const changes = thing.changes?.(found, state) ?? changesBetween(found?.fields, thing.fields);
  const isNew = found === undefined && make !== undefined;
  if (!isNew && changes.length === 0) return [];
  const client = clientId === null || kind === 'client' ? [] : [clientRef(clientId)];
  const changed = new Set(changes.map(({ field }) => field));
  return [
    step({
      kind,
      clientId,
      identity,
      name,
      changes,
      action: isNew ? 'create' : 'update',
      phase: makingPhase(thing),
      needs: [...client, ...needs].map(keyOf),
      run: async (context) => {
        if (isNew) return make(context);
        if (change === undefined) throw new Error(`a ${kind} cannot be changed`);
        return change(context, changed);
      },
    }),
  ];
}

/** What is wanted and nothing can be done to bring about, as far as what is there tells. */
export function problemsWith(state: State, things: readonly Placed[]): Problem[] {
  const wanted = byKey(things);
  const all: Everything = new Map([...byKey(state.things), ...wanted]);
  const missing = things.flatMap((thing) =>
    (thing.needs ?? [])
      .filter((need) => !all.has(keyOf(need)))
      .map((need) =>
        thing.problem(need.field === undefined ? [] : [need.field], thereIsNo(need, all)),
      ),
  );
  const flaws = [...wanted.values()].flatMap((thing) =>
    (thing.flaws?.(state) ?? []).map(({ path, message }) => thing.problem(path, message)),
  );
  return [...missing, ...flaws, ...loopProblems(wanted, all)];
}

export function loopProblems(
  wanted: ReadonlyMap<string, Placed>,
  all: ReadonlyMap<string, Ref & { readonly needs?: readonly Need[] }>,
): Problem[] {
  return loopsThrough(wanted, all).map(({ at, names }) =>
    at.problem(['reports_to'], `reports in a loop: ${names.join(' → ')}`),
  );
}

function thereIsNo({ kind, clientId, identity }: Need, all: Everything): string {
  const others = [...all.values()].filter(
    (one) => one.kind === kind && one.clientId === clientId && one.identity !== identity,
  );
  const where = clientId === null ? '' : ` in ${clientId}`;
  const meant = didYouMean(
    identity,
    others.map((one) => one.identity),
  );
  return `there is no ${showKind(kind)} "${identity}"${where}${meant}`;
}
