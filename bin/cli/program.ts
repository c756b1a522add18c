import { Command } from 'commander';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { LiveValues } from '../completion/live-values.ts';
import { mayColour } from '../ui/style.ts';
import type { Cli, DefineCommand } from './command.ts';
import { type CliDeps, type CommandContext, createCommandContext } from './context.ts';
import { addGlobalFlags, readGlobalFlags } from './flags.ts';
import { nouns } from './nouns.ts';

export interface Program {
  readonly command: Command;
  /** What the definitions said that commander does not keep: examples, values to look up. */
  readonly cli: Cli;
  /** What the action that ran asked for. */
  readonly exitCode: () => ExitCode;
  /** Of the action that ran, if it got that far. */
  readonly context: () => CommandContext | undefined;
}

const GLOBAL_OPTIONS = `Everywhere: -o --url --client --context --no-color --yes --quiet --reveal
  --columns --sort-by --jq --watch
  (leadctl --help explains them)`;

const GLOBAL_VALUES: Readonly<Record<string, LiveValues>> = {
  '--client': 'clients',
  '--context': 'contexts',
};

const AFTER_HELP = `
Exit codes:
  0 ok · 1 failed · 2 usage · 3 cancelled · 4 not authenticated or forbidden
  5 not found · 6 conflict · 7 partly done · 130 interrupted

Examples:
  $ leadctl up --sandbox --demo
  $ leadctl context set prod --url https://leads.example --client acme
  $ leadctl lead ls --client acme -o json
`;

/** The command tree, nouns without their verbs until they are used. */
export function createProgram(deps: CliDeps): Program {
  const command = new Command('leadctl');
  let exitCode: ExitCode = exitCodes.ok;
  let context: CommandContext | undefined;
  const loaders = new Map<Command, () => Promise<DefineCommand>>();

  const loadNoun = async (noun: Command): Promise<void> => {
    const load = loaders.get(noun);
    loaders.delete(noun);
    if (load === undefined) return;
    noun.helpCommand(false);
    (await load())(noun, cli);
    addHelp(noun, cli);
  };
  const cli: Cli = {
    context: () => (context ??= createCommandContext(deps, readGlobalFlags(command))),
    contextOn: (io) => createCommandContext({ ...deps, io }, readGlobalFlags(command)),
    finish: (code) => {
      exitCode = code;
    },
    live: new WeakMap(),
    examples: new WeakMap(),
    loadAll: async () => {
      for (const noun of command.commands) await loadNoun(noun);
    },
  };

  configure(command, deps);
  for (const option of command.options) {
    const values = GLOBAL_VALUES[option.long ?? ''];
    if (values !== undefined) cli.live.set(option, values);
  }
  for (const { name, summary, group, load } of nouns) {
    if (load) loaders.set(command.command(name).description(summary).helpGroup(group), load);
  }
  const complete = command.command('__complete', { hidden: true });
  loaders.set(
    complete,
    async () => (await import('../commands/completion/complete.ts')).defineComplete,
  );
  command.hook('preSubcommand', (_program, noun) => loadNoun(noun));
  return { command, cli, exitCode: () => exitCode, context: () => context };
}

/** Examples below each help; a noun shows the first one of each of its verbs. */
function addHelp(command: Command, cli: Cli): void {
  for (const child of command.commands) addHelp(child, cli);
  const own = cli.examples.get(command);
  const examples = own ?? command.commands.flatMap((verb) => cli.examples.get(verb)?.[0] ?? []);
  const lines = examples.map((line) => `  $ ${line}\n`).join('');
  command.addHelpText('after', `\n${GLOBAL_OPTIONS}\n\nExamples:\n${lines}`);
}

function configure(command: Command, { io, version }: CliDeps): void {
  command
    .description('Runs a lead platform: intake, routing by hierarchy, delivery')
    .usage('<command> [options]')
    .version(version, '-V, --version')
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ sortOptions: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Errors are thrown as well; they are printed once, where all errors are.
      outputError: () => undefined,
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      getOutHasColors: () => mayColour(io.stdoutIsTty, io.env, false),
      getErrHasColors: () => mayColour(io.stderrIsTty, io.env, false),
    })
    .addHelpText('after', AFTER_HELP);
  addGlobalFlags(command);
}
