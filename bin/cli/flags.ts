import { type Command, Option } from 'commander';
import { type Format, formats } from '../ui/render.ts';

/** Options that every command takes, before or after its name. */
export interface GlobalFlags {
  readonly output: Format;
  readonly url: string | undefined;
  readonly client: string | undefined;
  readonly context: string | undefined;
  readonly color: boolean;
  readonly yes: boolean;
  readonly quiet: boolean;
  readonly reveal: boolean;
  /** Headings of the columns to show, in this order. */
  readonly columns: readonly string[] | undefined;
  /** Heading to sort by; with a minus before it the other way round. */
  readonly sortBy: string | undefined;
  /** What to take out of the JSON, in a part of jq's language. */
  readonly jq: string | undefined;
  readonly watch: boolean;
}

export function addGlobalFlags(program: Command): void {
  program
    .addOption(
      new Option('-o, --output <format>', 'how results are printed')
        .choices(formats)
        .default('table'),
    )
    .option('--url <url>', 'gateway to talk to (LEADCTL_URL)')
    .option('--client <client_id>', 'client to work on (LEADCTL_CLIENT)')
    .option('--context <name>', 'stored gateway and client to use')
    .option('--no-color', 'no colours (NO_COLOR)')
    .option('-y, --yes', 'answer every question with yes')
    .option('-q, --quiet', 'no remarks on stderr, only errors')
    .option('--reveal', 'show personal data unmasked')
    .option('--columns <list>', 'columns of a table or CSV, with commas between them')
    .option('--sort-by <column>', 'sort by this column; -column the other way round')
    .option('--jq <filter>', 'print only this of the JSON, e.g. .[].id (a part of jq)')
    .option('-w, --watch', 'show it anew every two seconds, on a terminal');
}

/** Usable at any moment, also when parsing failed half-way and an error is to be printed. */
export function readGlobalFlags(program: Command): GlobalFlags {
  const typed: Record<string, unknown> = program.opts();
  const output = formats.find((format) => format === typed['output']) ?? 'table';
  const jq = text(typed['jq']);
  return {
    output: jq === undefined ? output : 'json',
    url: text(typed['url']),
    client: text(typed['client']),
    context: text(typed['context']),
    color: typed['color'] !== false,
    yes: typed['yes'] === true,
    quiet: typed['quiet'] === true,
    reveal: typed['reveal'] === true,
    columns: text(typed['columns'])
      ?.split(',')
      .map((name) => name.trim()),
    sortBy: text(typed['sortBy']),
    jq,
    watch: typed['watch'] === true,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
