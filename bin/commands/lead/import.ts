import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { leadContract } from '../../../daemons/lead/contract.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { connect } from '../../client/gateway.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { importLeads, type ImportCounts, problemOf } from '../../import/import-leads.ts';
import { type FileSource, fileFormats, readRows } from '../../import/rows.ts';
import type { Refusal } from '../../import/send.ts';
import type { Column } from '../../ui/columns.ts';
import { createProgress } from '../../ui/progress.ts';
import { keyOptions, readApiKey } from './api-key.ts';

interface ImportResult extends ImportCounts {
  readonly file: string;
  readonly dry_run: boolean;
  readonly errors_file: string | null;
}

const columns: readonly Column<ImportResult>[] = [
  { header: 'FILE', value: (row) => row.file },
  { header: 'ROWS', value: (row) => row.rows, align: 'right' },
  { header: 'ACCEPTED', value: (row) => row.accepted, align: 'right' },
  { header: 'DUPLICATES', value: (row) => row.duplicates, align: 'right' },
  { header: 'REFUSED', value: (row) => row.refused, align: 'right' },
  { header: 'DRY RUN', value: (row) => row.dry_run },
  { header: 'ERRORS', value: (row) => row.errors_file, keep: true },
];

const input = z.object({
  file: z.string(),
  format: z.enum(fileFormats).optional(),
  delimiter: z.string().length(1, 'must be one character').default(','),
  source: z.string().optional(),
  batchSize: z.coerce.number().int().min(1).max(1_000).default(500),
  errors: z.string().optional(),
  progressFile: z.string().optional(),
  restart: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  keyStdin: z.boolean().optional(),
  keyFile: z.string().optional(),
});
type Input = z.output<typeof input>;

/** `leadctl lead import`: a file of any length, row by row, resumable. */
export const defineLeadImport: DefineCommand = (noun, cli) => {
  defineVerb(noun, cli, 'import', {
    summary: 'Send the rows of a CSV or JSON Lines file as leads; can be stopped and goes on',
    args: [{ name: '<file>', help: 'the header of a CSV file names the fields' }],
    options: [
      { flags: '--format <format>', help: 'what the file is (by its name)', choices: fileFormats },
      { flags: '--delimiter <character>', help: 'between the fields of a CSV file (,)' },
      { flags: '--source <text>', help: 'for rows without a source of their own' },
      { flags: '--dry-run', help: 'only check the rows, send nothing' },
      { flags: '--errors <file>', help: 'where refused rows are named (FILE.errors.jsonl)' },
      { flags: '--progress-file <file>', help: 'how far it got (FILE.progress.json)' },
      { flags: '--restart', help: 'send all rows again, whatever was sent before' },
      { flags: '--batch-size <n>', help: 'rows sent at once (500)' },
      ...keyOptions,
    ],
    input,
    examples: [
      'leadctl lead import leads.csv --dry-run',
      'leadctl lead import leads.csv --key-file key.txt --source fair',
      "leadctl lead import export.txt --format csv --delimiter ';' --key-file key.txt",
    ],
    run: runImport,
  });
};

async function runImport(ctx: CommandContext, given: Input): Promise<ExitCode> {
  const { file, delimiter } = given;
  const format = given.format ?? (/\.(jsonl|ndjson)$/i.test(file) ? 'jsonl' : 'csv');
  const source = { path: file, format, delimiter };
  const errorsFile = given.errors ?? `${file}.errors.jsonl`;
  const result = given.dryRun
    ? await checkRows(source, errorsFile, ctx.interruption())
    : await sendRows(ctx, given, source, errorsFile);
  const item = {
    file,
    ...result,
    dry_run: given.dryRun,
    errors_file: result.refused > 0 ? errorsFile : null,
  };
  await ctx.render({ item, columns, name: () => String(item.accepted) });
  if (item.refused === 0) return exitCodes.ok;
  return item.accepted + item.duplicates > 0 ? exitCodes.partly : exitCodes.failed;
}

/** `accepted` is then what would be sent. */
async function checkRows(
  source: FileSource,
  errorsFile: string,
  signal: AbortSignal,
): Promise<ImportCounts> {
  let rows = 0;
  const refusals: Refusal[] = [];
  for await (const row of readRows(source)) {
    signal.throwIfAborted();
    rows += 1;
    refusals.push(...problemOf(row));
  }
  const lines = refusals.map((refusal) => `${JSON.stringify(refusal)}\n`).join('');
  if (lines !== '') await writeFile(errorsFile, lines);
  return { rows, accepted: rows - refusals.length, duplicates: 0, refused: refusals.length };
}

async function sendRows(
  ctx: CommandContext,
  given: Input,
  source: FileSource,
  errorsFile: string,
): Promise<ImportCounts> {
  const { file, batchSize, restart } = given;
  const apiKey = await readApiKey(ctx, given);
  const gateway = await connect(ctx);
  const startedAtMs = ctx.now().getTime();
  const progress = createProgress(ctx.io, ctx.flags.quiet, () => ctx.now().getTime());
  let startedAtRow: number | undefined;
  try {
    const { alreadyDone, ...counts } = await importLeads({
      leads: gateway.anonymous(leadContract),
      apiKey,
      signal: ctx.interruption(),
      source,
      files: {
        source: file,
        errors: errorsFile,
        journal: given.progressFile ?? `${file}.progress.json`,
      },
      batchSize,
      clientKey: createHash('sha256').update(`${gateway.settings.url} ${apiKey}`).digest('hex'),
      restart,
      leadSource: given.source,
      onProgress: ({ rows, accepted, duplicates, refused }) => {
        startedAtRow ??= rows;
        const seconds = Math.max(0.001, (ctx.now().getTime() - startedAtMs) / 1_000);
        const rate = Math.round((rows - startedAtRow) / seconds);
        progress.update(
          `${file}: ${rows} rows, ${accepted} accepted, ${duplicates} duplicates, ${refused} refused, ${rate}/s`,
        );
      },
    });
    progress.clear();
    if (alreadyDone) {
      await ctx.note(`${file} was imported before; --restart sends all of it again`);
    }
    return counts;
  } catch (error) {
    progress.clear();
    await ctx.note('What has its answer is written down: the same command goes on from there');
    throw error;
  }
}
