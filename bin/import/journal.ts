import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, truncate, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { CliError } from '../cli/failure.ts';
import { fileReason } from '../cli/file-reason.ts';

const journalSchema = z.strictObject({
  /** Names the idempotency keys of this import: what was sent without an answer is sent again harmlessly. */
  run_id: z.uuid(),
  file_sha256: z.string(),
  batch_size: z.int().positive(),
  client_key: z.string(),
  done: z.boolean(),
  /** Rows of the file that have their answer. */
  rows: z.int(),
  accepted: z.int(),
  duplicates: z.int(),
  refused: z.int(),
  /** Length of the errors file at that moment. */
  errors_bytes: z.int(),
});
export type Journal = z.output<typeof journalSchema>;

export interface ImportFiles {
  readonly source: string;
  readonly journal: string;
  readonly errors: string;
}

export interface JournalOptions {
  readonly files: ImportFiles;
  readonly batchSize: number;
  /** A fingerprint of gateway and API key: the same file may go to two clients. */
  readonly clientKey: string;
  readonly restart: boolean;
}

/**
 * Where an earlier run of the same file stopped, else the beginning. Throws a `CliError` when the file has
 * changed since, because the rows that were sent can then no longer be told.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { files, clientKey } = options;
  const sha256 = await fingerprint(files.source);
  const found = options.restart ? undefined : await readJournal(files.journal);
  if (found === undefined) {
    await writeFile(files.errors, '');
    return {
      run_id: randomUUID(),
      file_sha256: sha256,
      batch_size: options.batchSize,
      client_key: clientKey,
      done: false,
      rows: 0,
      accepted: 0,
      duplicates: 0,
      refused: 0,
      errors_bytes: 0,
    };
  }
  if (found.client_key !== clientKey) {
    throw new CliError(`${files.journal} is about an import with another API key or gateway`, {
      code: 'import_other_target',
      why: `${found.rows} rows of ${files.source} were sent by it; rows without a reference would become leads twice`,
      next: 'go on with the same key and --url, name another --progress-file for another client, or send all of it again with --restart',
    });
  }
  if (found.file_sha256 !== sha256) {
    throw new CliError(`${files.source} has changed since its import began`, {
      code: 'import_changed',
      why: `${found.rows} rows of it were sent; ${files.journal} remembers them`,
      next: 'put the file back as it was, or send all of it again with --restart',
    });
  }
  // What was written after the journal will be written again.
  if (!found.done) await truncate(files.errors, found.errors_bytes).catch(() => undefined);
  return found;
}

/** In one step, so that a run which is killed leaves the old one or the new one. */
export async function saveJournal(file: string, journal: Journal): Promise<void> {
  const temporary = `${file}.tmp`;
  await writeFile(temporary, `${JSON.stringify(journal)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

async function readJournal(file: string): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
  const parsed = z.preprocess(parseJson, journalSchema).safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CliError(`${file} is no record of an import`, {
    code: 'import_journal',
    next: 'name another one with --progress-file, or begin anew with --restart',
  });
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

async function fingerprint(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk);
  } catch (error) {
    throw new CliError(`Cannot read ${file}`, {
      code: 'import_unreadable',
      why: fileReason(error),
    });
  }
  return hash.digest('hex');
}
