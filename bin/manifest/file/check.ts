import { byKey, loopProblems } from '../engine/plan.ts';
import { showKind } from '../names.ts';
import { keyOf } from '../thing.ts';
import type { Place, Problem } from './document.ts';
import type { Placed } from './manifest.ts';

/** What no schema can see: things named twice, loops, two sets in one. */
export function checkTogether(
  things: readonly Placed[],
  sets: readonly { readonly name: string; readonly problem: (message: string) => Problem }[],
): Problem[] {
  const wanted = byKey(things);
  const other = sets.find(({ name }) => name !== sets[0]?.name);
  return [
    ...namedTwice(things),
    ...loopProblems(wanted, wanted),
    ...(other ? [other.problem('all manifests applied together are one set')] : []),
  ];
}

function namedTwice(things: readonly Placed[]): Problem[] {
  const seen = new Map<string, Place>();
  return things.flatMap((thing) => {
    const { unique = keyOf(thing), kind, name = thing.identity, place } = thing;
    if (unique === false) return [];
    const first = seen.get(unique);
    if (first === undefined) {
      seen.set(unique, place);
      return [];
    }
    const { file, line, column } = first;
    const message = `${showKind(kind)} "${name}" stands at ${file}:${line}:${column} already`;
    return [{ ...place, message }];
  });
}
