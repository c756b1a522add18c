import { Argument, type Command, Option } from 'commander';
import type * as z from 'zod';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { LiveValues } from '../completion/live-values.ts';
import type { CommandContext } from './context.ts';
import { usageError } from './failure.ts';
import { isGuided, type Question } from './guided-questions.ts';

/** What the definition of a command needs of the program around it. */
export interface Cli {
  /** Made when an action starts: by then all options are parsed. */
  readonly context: () => CommandContext;
  /** The same on other streams. */
  readonly contextOn: (io: Io) => CommandContext;
  readonly finish: (exitCode: ExitCode) => void;
  /** Which arguments and options have values that completion asks a gateway or a file for. */
  readonly live: WeakMap<Argument | Option, LiveValues>;
  /** Whole command lines that show a command at work, for its help and its noun's. */
  readonly examples: WeakMap<Command, readonly string[]>;
  /** Loads every noun, for what describes the whole tree. */
  readonly loadAll: () => Promise<void>;
}

/** Fills in a noun (its verbs) or a command without verbs. Loaded when the noun is first used. */
export type DefineCommand = (command: Command, cli: Cli) => void;

export interface ArgumentSpec {
  /** `<required>`, `[optional]`, `<many...>`; the input has it in camel case. */
  readonly name: string;
  readonly help: string;
  readonly choices?: readonly string[];
  readonly complete?: LiveValues;
}

export interface OptionSpec {
  /** As commander writes them: `-n, --name <text>`, `--dry-run`. */
  readonly flags: string;
  readonly help: string;
  readonly choices?: readonly string[];
  readonly complete?: LiveValues;
  /** May be given several times; the input has a list. */
  readonly repeat?: boolean;
}

export interface CommandSpec<Schema extends z.ZodType> {
  readonly summary: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Of arguments and options together. What it refuses is a usage error (exit 2). */
  readonly input: Schema;
  /** Whole command lines, at least one. */
  readonly examples: readonly [string, ...string[]];
  /** It only reads, so that `--watch` may run it again and again; verbs such as `ls` need not say it. */
  readonly reads?: boolean;
  /** Asked of a person at a terminal who left out what must be given. */
  readonly guided?: readonly Question[];
  /** Does the work and renders; nothing returned is success. */
  readonly run: (
    ctx: CommandContext,
    input: z.output<Schema>,
  ) => Promise<ExitCode | undefined | void>;
}

/** Verbs that change nothing. */
const READING: ReadonlySet<string> = new Set(['ls', 'get', 'describe', 'trace', 'tree']);

const ALIASES: Readonly<Record<string, string>> = { ls: 'list', rm: 'remove' };

/** A verb of a noun: `defineVerb(noun, cli, 'ls', {…})`. `ls` and `rm` answer to their long names too. */
export function defineVerb<Schema extends z.ZodType>(
  noun: Command,
  cli: Cli,
  verb: string,
  spec: CommandSpec<Schema>,
): void {
  const command = noun.command(verb);
  const alias = ALIASES[verb];
  if (alias !== undefined) command.alias(alias);
  defineAction(command, cli, spec);
}

/** A command that acts itself, such as `whoami`. */
export function defineAction<Schema extends z.ZodType>(
  command: Command,
  cli: Cli,
  spec: CommandSpec<Schema>,
): void {
  command.description(spec.summary);
  for (const { name, help, choices, complete } of spec.args ?? []) {
    const argument = new Argument(name, help);
    if (choices) argument.choices(choices);
    if (complete) cli.live.set(argument, complete);
    command.addArgument(argument);
  }
  for (const optionSpec of spec.options ?? []) command.addOption(createOption(cli, optionSpec));
  cli.examples.set(command, spec.examples);
  command.action(async () => {
    const ctx = cli.context();
    const typed = typedInput(command);
    const given = isGuided(ctx, spec.guided, typed)
      ? await (
          await import('./guided.ts')
        ).askMissing(ctx, command, { questions: spec.guided, schema: spec.input }, typed)
      : typed;
    const input = parseInput(command, spec.input, given);
    if (!ctx.flags.watch) {
      cli.finish((await spec.run(ctx, input)) ?? exitCodes.ok);
      return;
    }
    if (spec.reads !== true && !READING.has(command.name())) {
      throw usageError(`--watch is for what only reads, not for ${pathOf(command)}`);
    }
    const { watch } = await import('./watch.ts');
    cli.finish(await watch(ctx, cli.contextOn, (again) => spec.run(again, input)));
  });
}

function createOption(cli: Cli, { flags, help, choices, complete, repeat }: OptionSpec): Option {
  const option = new Option(flags, help);
  if (choices) option.choices(choices);
  if (repeat) option.argParser(collect);
  if (complete) cli.live.set(option, complete);
  return option;
}

function collect(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

function typedInput(command: Command): Record<string, unknown> {
  const input: Record<string, unknown> = { ...command.opts() };
  for (const [at, argument] of command.registeredArguments.entries()) {
    input[camelCase(argument.name())] = command.processedArgs[at];
  }
  return input;
}

function parseInput<Schema extends z.ZodType>(
  command: Command,
  schema: Schema,
  input: Record<string, unknown>,
): z.output<Schema> {
  for (const argument of command.registeredArguments) {
    // Optional for the sake of whoever is asked for it; nobody else may leave it out.
    if (input[camelCase(argument.name())] === undefined && isNeeded(schema, argument)) {
      throw usageError(
        `Missing required argument '${argument.name()}'`,
        `${pathOf(command)} --help`,
      );
    }
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usageError(
    `${labelOf(command, issue?.path[0])}: ${issue?.message ?? 'not valid'}`,
    `${pathOf(command)} --help`,
  );
}

function isNeeded(schema: z.ZodType, argument: Argument): boolean {
  const field: unknown = Reflect.get(
    Object(Reflect.get(schema, 'shape')),
    camelCase(argument.name()),
  );
  return isSchema(field) && !field.safeParse(undefined).success;
}

function isSchema(value: unknown): value is z.ZodType {
  return typeof value === 'object' && value !== null && 'safeParse' in value;
}

/** How the user typed the field: `--created-after` or `<name>`. */
function labelOf(command: Command, field: PropertyKey | undefined): string {
  const option = command.options.find((candidate) => candidate.attributeName() === field);
  const argument = command.registeredArguments.find(
    (candidate) => camelCase(candidate.name()) === field,
  );
  return option?.long ?? (argument ? `<${argument.name()}>` : 'input');
}

/** `leadctl key revoke`. */
export function pathOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

function camelCase(name: string): string {
  return name.replaceAll(/[-_]([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
