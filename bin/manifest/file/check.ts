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
    ...coveredTwice(things, wanted),
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

function coveredTwice(things: readonly Placed[], wanted: ReadonlyMap<string, Placed>): Problem[] {
  return things.flatMap((thing) =>
    (thing.covers ?? []).flatMap((covered) => {
      const other = wanted.get(keyOf(covered));
      if (other === undefined) return [];
      const { file, line, column } = thing.place;
      const message = `${showKind(other.kind)} "${other.identity}" is given by the ${showKind(thing.kind)} at ${file}:${line}:${column} already; name it in one of the two`;
      return [{ ...other.place, message }];
    }),
  );
}
