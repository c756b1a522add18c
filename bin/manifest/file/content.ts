import * as z from 'zod';
import { fingerprint } from '../../../lib/secrets/sealed.ts';
import { clientShape, clientThing } from '../kinds/client.ts';
import { clientParts, platformParts } from '../kinds/index.ts';
import type { Part, Scope } from '../kinds/kind.ts';
import { readSecret, Secret, type Env } from '../secret.ts';
import type { Owner, Wanted } from '../thing.ts';
import type { LocatedDocument, Path, Problem } from './document.ts';
import { fieldOf } from './issues.ts';
import type { Placed } from './manifest.ts';

/** Of a client, whatever else it holds. */
const ownFields = z.object(clientShape);

/** What one document says. */
export interface DocumentContent {
  readonly set:
    | { readonly name: string; readonly problem: (message: string) => Problem }
    | undefined;
  readonly things: readonly Placed[];
  readonly problems: readonly Problem[];
  readonly broken: readonly string[];
}

/** The things of one document, without those that do not fit the schema. */
export function readContent(source: LocatedDocument, where: SecretPlace): DocumentContent {
  const things: Placed[] = [];
  const problems: Problem[] = [];
  const broken: string[] = [];
  const problemAt = (path: Path, message: string): Problem => ({
    ...source.placeOf(path),
    message,
  });
  const add = (path: Path, wanted: readonly Wanted[]): void => {
    const place = source.placeOf(path);
    const problem = (inside: Path, message: string): Problem =>
      problemAt([...path, ...inside], message);
    things.push(...wanted.map((one) => ({ ...one, place, problem })));
  };
  const readParts = <O extends Owner>(parts: readonly Part<O>[], path: Path, clientId: O): void => {
    const around = path.reduce<unknown>(fieldOf, source.value);
    for (const part of parts) {
      for (const [item, at] of itemsIn(fieldOf(around, part.field), part.isList)) {
        const full = [...path, part.field, ...at];
        const onProblem = (inside: Path, message: string): void => {
          problems.push(problemAt([...full, ...inside], message));
        };
        const wanted = part.things(item, scopeIn(clientId, where, onProblem));
        if (wanted) add(full, wanted);
        else broken.push(...namesIn(item));
      }
    }
  };
  readParts(platformParts, [], null);
  for (const [item, at] of itemsIn(fieldOf(source.value, 'clients'), true)) {
    const spec = ownFields.safeParse(item);
    if (spec.success) {
      add(['clients', ...at], [clientThing(spec.data)]);
      readParts(clientParts, ['clients', ...at], spec.data.client_id);
    } else broken.push(...namesIn(item));
  }
  const name = fieldOf(source.value, 'set');
  const problem = (message: string): Problem => problemAt(['set'], message);
  return {
    set: typeof name === 'string' ? { name, problem } : undefined,
    things,
    problems,
    broken,
  };
}

/** Where secrets are looked for. */
interface SecretPlace {
  readonly directory: string;
  readonly env: Env;
}

function scopeIn<O extends Owner>(
  clientId: O,
  where: SecretPlace,
  onProblem: (inside: Path, message: string) => void,
): Scope<O> {
  return {
    clientId,
    secret(reference, inside, field = inside.join('.')) {
      const secret = readSecret(reference, where);
      if (secret.ok) {
        const mark = fingerprint({ clientId: clientId ?? '', field }, secret.value);
        return new Secret(secret.value, mark);
      }
      onProblem(inside, `${field}${clientId === null ? '' : ` of ${clientId}`}: ${secret.why}`);
      return undefined;
    },
  };
}

/** The items of a list, or the one thing, each with its path from there. */
function itemsIn(value: unknown, isList: boolean): [item: unknown, path: Path][] {
  if (!isList) return value === undefined ? [] : [[value, []]];
  return Array.isArray(value) ? value.map((item, at) => [item, [at]]) : [];
}

function namesIn(item: unknown): string[] {
  return ['name', 'email', 'client_id'].flatMap((field) => {
    const name = fieldOf(item, field);
    return typeof name === 'string' ? [name] : [];
  });
}
