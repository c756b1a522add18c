import { readFile, stat } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import type * as z from 'zod';
import { integrationContract } from '../../../daemons/integration/contract.ts';
import { CliError } from '../../cli/failure.ts';
import { fileReason } from '../../cli/file-reason.ts';
import type { Io } from '../../io.ts';

const body = integrationContract.routes.changeDestination.body.schema;

const MAX_BYTES = 1024 * 1024;

/** Fields of a destination as the API has them, from a JSON or YAML file; `-` is standard input. */
export async function readChangeFile(io: Io, file: string): Promise<z.input<typeof body>> {
  const { parse } = await import('yaml');
  const name = file === '-' ? 'standard input' : file;
  let content: unknown;
  try {
    content = parse(await textOf(io, file));
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Cannot read ${name}`, { code: 'file_unreadable', why: fileReason(error) });
  }
  const parsed = body.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new CliError(`${name} does not describe a destination`, {
    code: 'validation_failed',
    why: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
  });
}

async function textOf(io: Io, file: string): Promise<string> {
  if (file === '-') return await readStream(io.stdin);
  if ((await stat(file)).size > MAX_BYTES) {
    throw new CliError(`${file} is longer than 1 MiB`, { code: 'file_too_long' });
  }
  return await readFile(file, 'utf8');
}
