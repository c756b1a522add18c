import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { CliError } from '../../cli/failure.ts';
import { fileReason } from '../../cli/file-reason.ts';
import type { Io } from '../../io.ts';
import type { Problem } from './document.ts';
import { parseManifests, type ManifestFile, type Parsed } from './parse.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const MOST_SHOWN = 20;

/** Reads, checks and joins manifests; `-` is standard input, a directory every YAML file right in it. */
export async function loadManifests(io: Io, names: readonly string[]): Promise<Parsed> {
  const files: ManifestFile[] = [];
  for (const name of names) files.push(...(await readManifestFiles(io, name)));
  return parseManifests(files, io.env);
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
      why: fileReason(error),
    });
  }
}

async function readOne(name: string, bytes: number): Promise<ManifestFile> {
  if (bytes > MAX_BYTES)
    throw new CliError(`${name} is longer than ${MAX_BYTES / 1024 / 1024} MiB`);
  return { name, directory: dirname(name), text: await readFile(name, 'utf8') };
}

/** All that is wrong, each with its place, as a command reports it. */
export function invalidManifest(problems: readonly Problem[]): CliError {
  const inOrder = problems.toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
  const all = inOrder.map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  );
  const lines = [...new Set(all)];
  const more = lines.length - MOST_SHOWN;
  return new CliError(
    lines.length === 1
      ? 'The manifest has a problem; nothing was changed'
      : `The manifest has ${lines.length} problems; nothing was changed`,
    {
      code: 'manifest_invalid',
      why: [...lines.slice(0, MOST_SHOWN), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'),
      next: 'correct the lines above; docs/manifest.schema.json lets an editor show them as you type',
    },
  );
}
