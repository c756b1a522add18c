import { appendFile, stat } from 'node:fs/promises';
import { type Batch, batchesOf } from './batches.ts';
import { type ImportFiles, type Journal, openJournal, saveJournal } from './journal.ts';
import { type FileSource, readRows } from './rows.ts';
import { type Refusal, sendBatch, type SendDeps } from './send.ts';

export interface ImportCounts {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
}

export interface ImportOptions extends SendDeps {
  readonly source: FileSource;
  readonly files: ImportFiles;
  readonly batchSize: number;
  readonly clientKey: string;
  readonly restart: boolean;
  /** Given to rows that name no source of their own. */
  readonly leadSource: string | undefined;
  /** `line` is the last one of the file that was read. */
  readonly onProgress: (counts: ImportCounts, line: number) => void;
}

/**
 * Sends the rows of a file that have no answer yet, and writes down after each batch how far it got: a run
 * that was stopped at any moment goes on where it was, and no row becomes two leads.
 */
export async function importLeads(
  options: ImportOptions,
): Promise<ImportCounts & { readonly alreadyDone: boolean }> {
  const { files, signal } = options;
  let journal = await openJournal(options);
  if (journal.done) return { ...countsOf(journal), alreadyDone: true };
  // Before anything is sent: the first batch too must be known by its name when its answer is lost.
  await saveJournal(files.journal, journal);
  options.onProgress(countsOf(journal), 0);
  for await (const batch of batchesOf(readRows(options.source), journal.batch_size)) {
    if (batch.before < journal.rows) continue;
    signal.throwIfAborted();
    journal = await importBatch(options, journal, batch);
    await saveJournal(files.journal, journal);
    options.onProgress(countsOf(journal), batch.rows.at(-1)?.line ?? 0);
  }
  journal = { ...journal, done: true };
  await saveJournal(files.journal, journal);
  return { ...countsOf(journal), alreadyDone: false };
}

async function importBatch(
  options: ImportOptions,
  journal: Journal,
  { before, rows }: Batch,
): Promise<Journal> {
  const { leadSource, files } = options;
  const good = rows
    .filter(({ problem }) => problem === undefined)
    .map((row) =>
      leadSource === undefined ? row : { ...row, fields: { source: leadSource, ...row.fields } },
    );
  const key = `import-${journal.run_id}-${before}`;
  const sent =
    good.length === 0
      ? { accepted: 0, duplicates: 0, refusals: [] }
      : await sendBatch(options, good, key);
  const refusals = [...rows.flatMap(problemOf), ...sent.refusals].sort((a, b) => a.line - b.line);
  await appendFile(
    files.errors,
    refusals.map((refusal) => `${JSON.stringify(refusal)}\n`).join(''),
  );
  return {
    ...journal,
    rows: before + rows.length,
    accepted: journal.accepted + sent.accepted,
    duplicates: journal.duplicates + sent.duplicates,
    refused: journal.refused + refusals.length,
    errors_bytes: (await stat(files.errors)).size,
  };
}

export function problemOf({
  line,
  problem,
}: {
  readonly line: number;
  readonly problem: string | undefined;
}): Refusal[] {
  return problem === undefined
    ? []
    : [{ line, code: 'row_not_valid', detail: `The row ${problem}.` }];
}

function countsOf({ rows, accepted, duplicates, refused }: Journal): ImportCounts {
  return { rows, accepted, duplicates, refused };
}
