import { kinds } from '../kinds/index.ts';
import { keyOf, type Ref } from '../thing.ts';

const names = kinds.map(({ name }) => name);

/** The place of a kind in the order of making. */
export function rankOf({ kind }: Ref): number {
  return names.indexOf(kind);
}

/** Things of the platform kind by kind, then whole clients side by side. */
export function makingPhase(thing: Ref): number {
  return thing.clientId === null ? rankOf(thing) : names.length;
}

/** The reverse: what is in clients, then things of the platform kind by kind. */
export function removingPhase(thing: Ref): number {
  return thing.clientId === null ? 2 * names.length - rankOf(thing) + 1 : names.length + 1;
}

interface Node extends Ref {
  readonly needs?: readonly Ref[];
}

/** The thing of its own kind that it stands below, e.g. a member's manager. */
export function aboveOf(thing: Node): Ref | undefined {
  return thing.needs?.find(({ kind }) => kind === thing.kind);
}

/** How far below the top of its tree; in a loop as far as there are things. */
export function depthOf(thing: Node, all: ReadonlyMap<string, Node>): number {
  let depth = 0;
  for (let above = aboveOf(thing); above && depth < all.size; depth += 1) {
    const next = all.get(keyOf(above));
    above = next && aboveOf(next);
  }
  return depth;
}

export interface Loop<N> {
  /** The first of the given things on it. */
  readonly at: N;
  /** From there around and back. */
  readonly names: readonly string[];
}

/** Every loop on which one of the things is, once. */
export function loopsThrough<N extends Node>(
  things: ReadonlyMap<string, N>,
  all: ReadonlyMap<string, Node>,
): Loop<N>[] {
  const seen = new Set<string>();
  return [...things.values()].flatMap((first) => {
    const path: Node[] = [];
    let next: Node | undefined = first;
    while (next && !seen.has(keyOf(next))) {
      seen.add(keyOf(next));
      path.push(next);
      const above = aboveOf(next);
      next = above && all.get(keyOf(above));
    }
    const end = next && keyOf(next);
    const loop = path.slice(path.findIndex((one) => keyOf(one) === end));
    if (end === undefined || !path.some((one) => keyOf(one) === end)) return [];
    const start = loop.findIndex((one) => things.has(keyOf(one)));
    const at = things.get(keyOf(loop[start] ?? first)) ?? first;
    const around = [...loop.slice(start), ...loop.slice(0, start)];
    return [{ at, names: [...around, at].map(({ identity }) => identity) }];
  });
}
