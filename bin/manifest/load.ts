import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { CliError } from '../cli/failure.ts';
import type { Io } from '../io.ts';
import type { Problem } from './document.ts';
import { mergeManifests, parseManifests, type ManifestFile } from './parse.ts';
import type { Manifest } from './schema.ts';
import { resolveSecrets, type Secrets } from './secrets.ts';

export interface LoadedManifest {
  readonly manifest: Manifest;
  readonly secrets: Secrets;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MOST_SHOWN = 20;

/** Reads, checks and joins manifests; `-` is standard input, a directory every YAML file right in it. */
export async function loadManifest(io: Io, names: readonly string[]): Promise<LoadedManifest> {
  const files: ManifestFile[] = [];
  for (const name of names) files.push(...(await readManifestFiles(io, name)));
  const parsed = parseManifests(files);
  if (!parsed.ok) throw invalid(parsed.problems);
  const resolved = await resolveSecrets(parsed.documents, io.env);
  if (!resolved.ok) throw invalid(resolved.problems);
  return { manifest: mergeManifests(parsed.documents), secrets: resolved.secrets };
}

async function readManifestFiles(io: Io, name: string): Promise<ManifestFile[]> {
  if (name === '-') {
    const text = await readStream(io.stdin);
    return [{ name: '(standard input)', directory: process.cwd(), text }];
  }
  try {
    const info = await stat(name);
    if (!info.isDirectory()) return [await readOne(name, info.size)];
    const inside = (await readdir(name)).filter((file) => /\.ya?ml$/.test(file)).toSorted();
    if (inside.length === 0) throw new CliError(`There is no YAML file in ${name}`);
    return await Promise.all(
      inside.map(async (file) => readOne(join(name, file), (await stat(join(name, file))).size)),
    );
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Cannot read the manifest ${name}`, {
      code: 'manifest_unreadable',
      why: error instanceof Error ? error.message : String(error),
    });
  }
}

async function readOne(name: string, bytes: number): Promise<ManifestFile> {
  if (bytes > MAX_BYTES)
    throw new CliError(`${name} is longer than ${MAX_BYTES / 1024 / 1024} MiB`);
  return { name, directory: dirname(name), text: await readFile(name, 'utf8') };
}

function invalid(problems: readonly Problem[]): CliError {
  const lines = problems
    .slice(0, MOST_SHOWN)
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const more = problems.length - lines.length;
  return new CliError(
    problems.length === 1
      ? 'The manifest has a problem'
      : `The manifest has ${problems.length} problems`,
    {
      code: 'manifest_invalid',
      why: [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'),
      next: 'correct the lines above; docs/manifest.schema.json lets an editor show them as you type',
    },
  );
}
