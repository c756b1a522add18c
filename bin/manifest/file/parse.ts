import type { Env } from '../secret.ts';
import { checkTogether } from './check.ts';
import { readContent, type DocumentContent } from './content.ts';
import { readDocuments, type Problem } from './document.ts';
import { problemsOf } from './issues.ts';
import type { Manifest } from './manifest.ts';
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
