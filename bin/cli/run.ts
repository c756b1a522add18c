import { type Command, CommanderError } from 'commander';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { write } from '../io.ts';
import { errorText } from '../ui/error.ts';
import { describeFailure } from '../ui/failure.ts';
import { mayColour } from '../ui/style.ts';
import { pathOf } from './command.ts';
import type { CliDeps } from './context.ts';
import { usageError } from './failure.ts';
import { readGlobalFlags } from './flags.ts';
import { createProgram, type Program } from './program.ts';
import { asTyped } from './typed-as.ts';

/** One command line from its words to its exit code. Never throws for what a command may meet. */
export async function runCli(args: readonly string[], deps: CliDeps): Promise<ExitCode> {
  const program = createProgram(deps);
  const isBare = namesNoCommand(args, deps);
  if (isBare && deps.io.terminal === undefined) {
    program.command.outputHelp();
    return exitCodes.ok;
  }
  try {
    const words = isBare ? [...args, 'ui'] : withHelpOption(args);
    await program.command.parseAsync(words, { from: 'user' });
    return program.exitCode();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    // A noun without a verb: commander has printed the noun's help to stderr.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
    if (isBare) program.command.outputHelp();
    return await report(error, args, deps, program);
  }
}

/** Nothing, or only options that every command takes. */
function namesNoCommand(args: readonly string[], deps: CliDeps): boolean {
  if (args.some((word) => /^(-h|--help|-V|--version)$/.test(word))) return false;
  try {
    const { operands, unknown } = createProgram(deps).command.parseOptions([...args]);
    return operands.length === 0 && unknown.length === 0;
  } catch {
    return false;
  }
}

/** `help key revoke` is `key revoke --help`. */
function withHelpOption(args: readonly string[]): string[] {
  return args[0] === 'help' ? [...args.slice(1), '--help'] : [...args];
}

async function report(
  error: unknown,
  args: readonly string[],
  deps: CliDeps,
  program: Program,
): Promise<ExitCode> {
  const { io } = deps;
  const flags = readGlobalFlags(program.command);
  const found = describeFailure(fromCommander(error, args, program.command), await urlOf(program));
  const failure = flags.output === 'json' ? found : asTyped(found, named(args, program.command));
  const text = errorText(failure, {
    json: flags.output === 'json',
    colour: mayColour(io.stderrIsTty, io.env, !flags.color),
    debug: Boolean(io.env['LEADCTL_DEBUG']),
  });
  await write(io.stderr, text);
  return failure.exitCode;
}

/** Commander's `error: unknown option '--x'\n(Did you mean --y?)`, with the help that answers it. */
function fromCommander(error: unknown, args: readonly string[], root: Command): unknown {
  if (!(error instanceof CommanderError)) return error;
  const message = error.message.replace(/^error: /, '').trim();
  return usageError(
    `${message.charAt(0).toUpperCase()}${message.slice(1)}`,
    `${pathOf(named(args, root))} --help`,
  );
}

/** The command that the words reach before they stop making sense. */
function named(args: readonly string[], root: Command): Command {
  let at = root;
  for (const word of args) {
    at = at.commands.find((child) => child.name() === word || child.aliases().includes(word)) ?? at;
  }
  return at;
}

/** The gateway that was talked to, if a command got that far. */
async function urlOf(program: Program): Promise<string | undefined> {
  try {
    return (await program.context()?.settings())?.url;
  } catch {
    return undefined;
  }
}
