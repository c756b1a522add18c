import { readFile, stat } from 'node:fs/promises';
import type { Io } from '../io.ts';
import { askHidden } from '../ui/line-prompt.ts';
import { cancelled, CliError, usageError } from './failure.ts';
import { fileReason } from './file-reason.ts';

/** Where a secret comes from. An argument is no choice: other users see the arguments of a process. */
export interface SecretSource {
  readonly stdin?: boolean | undefined;
  readonly file?: string | undefined;
}

const MAX_BYTES = 64 * 1024;

/**
 * Reads a secret from standard input or a file, without the line break that an editor or `echo` adds.
 * `name` is how messages call it, e.g. `password`. Throws a `CliError`, which never contains the secret.
 */
export async function readSecret(io: Io, source: SecretSource, name: string): Promise<string> {
  if ((source.stdin === true) === (source.file !== undefined)) {
    throw usageError(
      `Where does the ${name} come from?`,
      `pipe it in with --${name}-stdin, or name a file with --${name}-file; not both`,
    );
  }
  if (source.stdin === true && io.stdinIsTty) return await askSecret(io, name);
  const text =
    source.file === undefined ? await readStdin(io, name) : await readFrom(source.file, name);
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new CliError(`The ${name} is empty`, { code: 'secret_empty' });
  return secret;
}

/**
 * The same, and where nothing says where it comes from, a person at a terminal is asked for it
 * without it being shown.
 */
export async function readOrAskSecret(io: Io, name: string, source: SecretSource): Promise<string> {
  // At a terminal standard input is the keyboard: typing must not be shown.
  const isGiven = (source.stdin === true && !io.stdinIsTty) || source.file !== undefined;
  if (isGiven || !io.stdinIsTty || !io.stderrIsTty) {
    return readSecret(io, source, name.replaceAll(' ', '-'));
  }
  return await askSecret(io, name);
}

async function askSecret(io: Io, name: string): Promise<string> {
  const question = `${name.charAt(0).toUpperCase()}${name.slice(1)}:`;
  const typed = await askHidden(io, question);
  if (typed === undefined) throw cancelled();
  if (typed === '') throw new CliError(`The ${name} is empty`, { code: 'secret_empty' });
  return typed;
}

async function readStdin(io: Io, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of io.stdin) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw tooLong(name);
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readFrom(file: string, name: string): Promise<string> {
  try {
    if ((await stat(file)).size > MAX_BYTES) throw tooLong(name);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Cannot read the ${name} from ${file}`, {
      code: 'secret_unreadable',
      why: fileReason(error),
    });
  }
}

function tooLong(name: string): CliError {
  return new CliError(`The ${name} is longer than ${MAX_BYTES / 1024} KiB`, {
    code: 'secret_too_long',
  });
}
