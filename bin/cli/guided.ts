import type { Command } from 'commander';
import type * as z from 'zod';
import { askHidden, askLine } from '../ui/line-prompt.ts';
import type { CommandContext } from './context.ts';
import { cancelled } from './failure.ts';
import type { Question } from './guided-questions.ts';
import { shellWord } from './shell-word.ts';

type Input = Record<string, unknown>;

/** Asks for everything that was not given, by the command's own rules; says the whole command at the end. */
export async function askMissing(
  ctx: CommandContext,
  command: Command,
  { questions, schema }: { readonly questions: readonly Question[]; readonly schema: z.ZodType },
  given: Input,
): Promise<Input> {
  const input = { ...given };
  for (const question of questions) {
    if (input[question.name] !== undefined) continue;
    const choices = (await question.choices?.(ctx)) ?? [];
    const answer = await askOne(ctx, question, choices, (value) =>
      problemOf(schema, { ...input, [question.name]: value }, question.name),
    );
    if (answer !== undefined) input[question.name] = answer;
  }
  await ctx.note(`The same in one line: ${commandLine(command, input, ctx.flags.client)}`);
  return input;
}

async function askOne(
  ctx: CommandContext,
  { ask, required, list }: Question,
  choices: readonly string[],
  problemWith: (value: unknown) => string | undefined,
): Promise<unknown> {
  const options = choices.length === 0 ? '' : ` (${choices.join(', ')})`;
  const hint = required === true ? '' : ' – Enter for none';
  for (;;) {
    const typed = await answered(ctx, `${ask}${options}${hint}:`);
    if (typed === '' && required !== true) return undefined;
    const value = list === true ? typed.split(',').map((part) => part.trim()) : typed;
    const isUnknown = choices.length > 0 && !choices.includes(typed);
    const problem =
      typed === '' ? 'It must be given' : isUnknown ? 'One of those' : problemWith(value);
    if (problem === undefined) return value;
    await ctx.note(`  ${problem}`);
  }
}

/** One line that was typed; Ctrl-D gives up. */
export async function answered(ctx: CommandContext, question: string): Promise<string> {
  const typed = await askLine(ctx.io, question);
  if (typed === undefined) throw cancelled();
  return typed.trim();
}

/** The same for a secret, which is not shown. */
export async function answeredHidden(ctx: CommandContext, question: string): Promise<string> {
  const typed = await askHidden(ctx.io, question);
  if (typed === undefined) throw cancelled();
  return typed.trim();
}

function problemOf(schema: z.ZodType, input: Input, name: string): string | undefined {
  const issues = schema.safeParse(input).error?.issues ?? [];
  return issues.find(({ path }) => path[0] === name)?.message;
}

/** `leadctl client create acme --name Acme`: what was answered, as one would have typed it. */
function commandLine(command: Command, input: Input, client: string | undefined): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  const args = command.registeredArguments.flatMap((argument) =>
    words(input[camel(argument.name())]),
  );
  const options = command.options.flatMap((option) => {
    const value = input[option.attributeName()];
    if (value === undefined || value === false) return [];
    const flag = option.long ?? option.short ?? '';
    return value === true ? [flag] : words(value).flatMap((one) => [flag, one]);
  });
  const scope = client === undefined ? [] : ['--client', client];
  return [...names, ...args, ...options, ...scope].join(' ');
}

function words(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((one) => shellWord(String(one)));
}

function camel(name: string): string {
  return name.replaceAll(/[-_]([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
