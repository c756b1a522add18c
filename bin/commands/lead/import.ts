import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
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
import { type Reason, refusalReasons, writeRejects } from '../../import/rejects.ts';
import { createProgress } from '../../ui/progress.ts';
import { keyOptions, readApiKey } from './api-key.ts';

interface ImportResult extends ImportCounts {
  readonly file: string;
  readonly dry_run: boolean;
  readonly errors_file: string | null;
  readonly rejects_file: string | null;
  /** How often each reason was met. */
  readonly reasons: readonly Reason[];
}

const columns: readonly Column<ImportResult>[] = [
  { header: 'FILE', value: (row) => row.file },
  { header: 'ROWS', value: (row) => row.rows, align: 'right' },
  { header: 'ACCEPTED', value: (row) => row.accepted, align: 'right' },
  { header: 'DUPLICATES', value: (row) => row.duplicates, align: 'right' },
  { header: 'REFUSED', value: (row) => row.refused, align: 'right' },
  { header: 'DRY RUN', value: (row) => row.dry_run },
  { header: 'ERRORS', value: (row) => row.errors_file, keep: true },
  { header: 'REJECTS', value: (row) => row.rejects_file },
];

const input = z.object({
  file: z.string(),
  format: z.enum(fileFormats).optional(),
  delimiter: z.string().length(1, 'must be one character').default(','),
  source: z.string().optional(),
  batchSize: z.coerce.number().int().min(1).max(1_000).default(500),
  errors: z.string().optional(),
  rejects: z.string().optional(),
  strict: z.boolean().default(false),
  progressFile: z.string().optional(),
  restart: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  keyStdin: z.boolean().optional(),
  keyFile: z.string().optional(),
});
type Input = z.output<typeof input>;

const LINE_BREAK = 10;
const MOST_REASONS = 10;

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
      {
        flags: '--rejects <file>',
        help: 'copy the refused rows there, to mend them and import that file',
      },
      {
        flags: '--strict',
        help: 'refuse rows with missing fields, with an email or phone that is none',
      },
      { flags: '--progress-file <file>', help: 'how far it got (FILE.progress.json)' },
      { flags: '--restart', help: 'send all rows again, whatever was sent before' },
      { flags: '--batch-size <n>', help: 'rows sent at once (500)' },
      ...keyOptions,
    ],
    input,
    examples: [
      'leadctl lead import leads.csv --dry-run --strict',
      'leadctl lead import leads.csv --key-file key.txt --rejects mend.csv',
      'leadctl lead import leads.csv --key-file key.txt --source fair',
      "leadctl lead import export.txt --format csv --delimiter ';' --key-file key.txt",
    ],
    run: runImport,
  });
};

async function runImport(ctx: CommandContext, given: Input): Promise<ExitCode> {
  const { file, delimiter, strict } = given;
  const format = given.format ?? (/\.(jsonl|ndjson)$/i.test(file) ? 'jsonl' : 'csv');
  const source = { path: file, format, delimiter, strict };
  const errorsFile = given.errors ?? `${file}.errors.jsonl`;
  const result = given.dryRun
    ? await checkRows(source, errorsFile, ctx.interruption())
    : await sendRows(ctx, given, source, errorsFile);
  const isRefused = result.refused > 0;
  const reasons = isRefused ? await refusalReasons(errorsFile) : [];
  if (isRefused && given.rejects !== undefined) {
    await writeRejects(source, errorsFile, given.rejects);
  }
  const item = {
    file,
    ...result,
    dry_run: given.dryRun,
    errors_file: isRefused ? errorsFile : null,
    rejects_file: isRefused ? (given.rejects ?? null) : null,
    reasons,
  };
  await ctx.render({ item, columns, name: () => String(item.accepted) });
  for (const { detail, count } of reasons.slice(0, MOST_REASONS)) {
    await ctx.note(`${count} refused: ${detail}`);
  }
  if (item.rejects_file !== null) {
    await ctx.note(`Mend ${item.rejects_file}, then: leadctl lead import ${item.rejects_file}`);
  }
  if (item.refused === 0) return exitCodes.ok;
  return item.accepted + item.duplicates > 0 ? exitCodes.partly : exitCodes.failed;
}

/** Line breaks of the file; a CSV field may hold some, so that rows are fewer. None where it cannot be read. */
async function countLines(file: string): Promise<number> {
  let count = 0;
  try {
    for await (const chunk of createReadStream(file)) {
      for (const byte of Buffer.from(chunk)) if (byte === LINE_BREAK) count += 1;
    }
  } catch {
    // Whoever reads it for its rows says why.
  }
  return count;
}

/** What tells most stands first: a narrow terminal cuts the end. */
export function progressText(
  { rows, accepted, duplicates, refused }: ImportCounts,
  run: {
    readonly line: number;
    readonly lines: number;
    readonly seconds: number;
    readonly startedAtLine: number;
  },
): string {
  const share = run.lines === 0 ? 1 : Math.min(1, run.line / run.lines);
  const rate = (run.line - run.startedAtLine) / Math.max(0.001, run.seconds);
  const left = rate > 0 ? Math.ceil(Math.max(0, run.lines - run.line) / rate) : undefined;
  const parts = [
    `${Math.floor(share * 100)}%`,
    `${refused} refused`,
    `${rows} rows`,
    `${Math.round(rate)}/s`,
    ...(left === undefined ? [] : [`${timeLeft(left)} left`]),
    `${accepted} accepted`,
    `${duplicates} duplicates`,
  ];
  return parts.join(' · ');
}

function timeLeft(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  return `${Math.floor(seconds / 3_600)}h${Math.floor((seconds % 3_600) / 60)}m`;
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
  let startedAtLine: number | undefined;
  const lines = await countLines(file);
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
      onProgress: (counts, line) => {
        startedAtLine ??= line;
        const seconds = (ctx.now().getTime() - startedAtMs) / 1_000;
        progress.update(progressText(counts, { line, lines, seconds, startedAtLine }));
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
