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
    .option('--reveal', 'show personal data unmasked');
}

/** Usable at any moment, also when parsing failed half-way and an error is to be printed. */
export function readGlobalFlags(program: Command): GlobalFlags {
  const typed: Record<string, unknown> = program.opts();
  return {
    output: formats.find((format) => format === typed['output']) ?? 'table',
    url: text(typed['url']),
    client: text(typed['client']),
    context: text(typed['context']),
    color: typed['color'] !== false,
    yes: typed['yes'] === true,
    quiet: typed['quiet'] === true,
    reveal: typed['reveal'] === true,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
