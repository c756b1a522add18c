import * as z from 'zod';
import { checkManifests } from './check.ts';
import { readDocuments, type LocatedDocument, type Path, type Problem } from './document.ts';
import { manifestSchema, type Manifest } from './schema.ts';
import { didYouMean } from './suggest.ts';

export interface ManifestFile {
  /** As messages call it, e.g. `acme.yaml` or `(standard input)`. */
  readonly name: string;
  /** Where relative `fromFile` paths start. */
  readonly directory: string;
  readonly text: string;
}

/** A document that is a manifest. */
export interface ManifestDocument {
  readonly manifest: Manifest;
  readonly source: LocatedDocument;
  readonly directory: string;
}

export type Parsed =
  | { readonly ok: true; readonly documents: readonly ManifestDocument[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads every document of every file; reports all that is wrong with any of them at once. */
export function parseManifests(files: readonly ManifestFile[]): Parsed {
  const problems: Problem[] = [];
  const documents: ManifestDocument[] = [];
  for (const { name, directory, text } of files) {
    const read = readDocuments(name, text);
    problems.push(...read.problems);
    if (read.documents.length === 0 && read.problems.length === 0) {
      problems.push({ file: name, line: 1, column: 1, message: 'is empty' });
    }
    for (const source of read.documents) {
      const parsed = manifestSchema.safeParse(source.value);
      if (parsed.success) documents.push({ manifest: parsed.data, source, directory });
      else problems.push(...parsed.error.issues.flatMap((issue) => describe(issue, source)));
    }
  }
  if (problems.length === 0) problems.push(...checkManifests(documents));
  return problems.length === 0 ? { ok: true, documents } : { ok: false, problems };
}

/** All documents as one; `checkManifests` has seen to it that they do not contradict each other. */
export function mergeManifests(documents: readonly ManifestDocument[]): Manifest {
  const manifests = documents.map(({ manifest }) => manifest);
  const set = manifests.find((manifest) => manifest.set !== undefined)?.set;
  return {
    apiVersion: 'leadctl/v1',
    ...(set === undefined ? {} : { set }),
    roles: manifests.flatMap(({ roles }) => roles),
    industries: manifests.flatMap(({ industries }) => industries),
    clients: manifests.flatMap(({ clients }) => clients),
  };
}

function describe(issue: z.core.$ZodIssue, source: LocatedDocument): Problem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      ...source.placeOfKey(path, key),
      message: `${at(path)}unknown field "${key}"${didYouMean(key, keysAt(path))}`,
    }));
  }
  const isMissing = issue.code !== 'custom' && valueAt(source.value, path) === undefined;
  if (isMissing && path.length > 0) {
    const field = String(path.at(-1));
    const around = path.slice(0, -1);
    return [{ ...source.placeOf(around), message: `${at(around)}"${field}" is missing` }];
  }
  return [{ ...source.placeOf(path), message: `${at(path)}${issue.message}` }];
}

/** `clients[0].members[1]: ` */
function at(path: Path): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? '' : `${text}: `;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inside, part) =>
      typeof inside === 'object' && inside !== null ? Reflect.get(inside, part) : undefined,
    value,
  );
}

/** The fields that the schema knows at a path. */
function keysAt(path: Path): string[] {
  let schema: unknown = unwrap(manifestSchema);
  for (const part of path) {
    if (schema instanceof z.ZodObject) schema = unwrap(schema.shape[String(part)]);
    else if (schema instanceof z.ZodArray) schema = unwrap(schema.element);
    else return [];
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrap(schema: unknown): unknown {
  const isWrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault;
  return isWrapped ? unwrap(schema.unwrap()) : schema;
}
