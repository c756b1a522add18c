import * as z from 'zod';
import { fingerprint } from '../../../lib/secrets/sealed.ts';
import { clientShape, clientThing } from '../kinds/client.ts';
import { clientParts, platformParts } from '../kinds/index.ts';
import type { Part, Scope } from '../kinds/kind.ts';
import { readSecret, Secret, type Env } from '../secret.ts';
import type { Owner, Wanted } from '../thing.ts';
import { checkTogether } from './check.ts';
import { readDocuments, type LocatedDocument, type Path, type Problem } from './document.ts';
import { fieldOf, problemsOf } from './issues.ts';
import type { Manifest, Placed } from './manifest.ts';
import { manifestSchema } from './schema.ts';

export interface ManifestFile {
  /** As messages call it, e.g. `acme.yaml` or `(standard input)`. */
  readonly name: string;
  /** Where relative `fromFile` paths start. */
  readonly directory: string;
  readonly text: string;
}

export interface Parsed {
  /** As much as is well formed. */
  readonly manifest: Manifest;
  readonly problems: readonly Problem[];
  /** Names that stand in what is not well formed: others may mean them. */
  readonly broken: ReadonlySet<string>;
}

/** Reads every document of every file; reports all that is wrong with any of them at once. */
export function parseManifests(files: readonly ManifestFile[], env: Env): Parsed {
  const problems: Problem[] = [];
  const read: DocumentContent[] = [];
  for (const { name, directory, text } of files) {
    const { documents, problems: inText } = readDocuments(name, text);
    problems.push(...inText);
    if (documents.length === 0 && inText.length === 0) {
      problems.push({ file: name, line: 1, column: 1, message: 'is empty' });
    }
    for (const source of documents) {
      const parsed = manifestSchema.safeParse(source.value);
      const issues = parsed.error?.issues ?? [];
      problems.push(...issues.flatMap((issue) => problemsOf(issue, source)));
      const content = readContent(source, { directory, env });
      problems.push(...content.problems);
      read.push(content);
    }
  }
  const sets = read.flatMap(({ set }) => set ?? []);
  const things = read.flatMap((one) => one.things);
  return {
    manifest: { set: sets[0]?.name, things },
    problems: [...problems, ...checkTogether(things, sets)],
    broken: new Set(read.flatMap(({ broken }) => broken)),
  };
}

/** Of a client, whatever else it holds. */
const ownFields = z.object(clientShape);

interface DocumentContent {
  readonly set:
    | { readonly name: string; readonly problem: (message: string) => Problem }
    | undefined;
  readonly things: readonly Placed[];
  readonly problems: readonly Problem[];
  readonly broken: readonly string[];
}

/** The things of one document, without those that do not fit the schema. */
function readContent(
  source: LocatedDocument,
  where: { readonly directory: string; readonly env: Env },
): DocumentContent {
  const things: Placed[] = [];
  const problems: Problem[] = [];
  const broken: string[] = [];
  const add = (path: Path, wanted: readonly Wanted[]): void => {
    const place = source.placeOf(path);
    const problem = (inside: Path, message: string): Problem => ({
      ...(inside.length === 0 ? place : source.placeOf([...path, ...inside])),
      message,
    });
    things.push(...wanted.map((one) => ({ ...one, place, problem })));
  };
  const scopeAt = <O extends Owner>(path: Path, clientId: O): Scope<O> => ({
    clientId,
    secret(reference, inside) {
      const field = inside.join('.');
      const secret = readSecret(reference, where);
      if (secret.ok) {
        const mark = fingerprint({ clientId: clientId ?? '', field }, secret.value);
        return new Secret(secret.value, mark);
      }
      const message = `${field}${clientId === null ? '' : ` of ${clientId}`}: ${secret.why}`;
      problems.push({ ...source.placeOf([...path, ...inside]), message });
      return undefined;
    },
  });
  const readParts = <O extends Owner>(parts: readonly Part<O>[], path: Path, owner: O): void => {
    const around = path.reduce<unknown>(fieldOf, source.value);
    for (const part of parts) {
      for (const [item, at] of itemsIn(fieldOf(around, part.field), part.isList)) {
        const full = [...path, part.field, ...at];
        const wanted = part.things(item, scopeAt(full, owner));
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
  const set = fieldOf(source.value, 'set');
  const ofSet = (message: string): Problem => ({ ...source.placeOf(['set']), message });
  return {
    set: typeof set === 'string' ? { name: set, problem: ofSet } : undefined,
    things,
    problems,
    broken,
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
