import type { CommandContext } from './context.ts';

/** A question for a person who left something out. */
export interface Question {
  /** Of the input: an argument's or an option's name in camel case. */
  readonly name: string;
  readonly ask: string;
  /** Left out, the command cannot go on. */
  readonly required?: boolean;
  readonly choices?: (ctx: CommandContext) => Promise<readonly string[]>;
  /** Several, with commas between them. */
  readonly list?: boolean;
}

type Input = Record<string, unknown>;

/** Only a person at a terminal is asked, and only when something that must be given is missing. */
export function isGuided(
  ctx: CommandContext,
  questions: readonly Question[] | undefined,
  input: Input,
): questions is readonly Question[] {
  if (questions === undefined || !ctx.io.stdinIsTty || !ctx.io.stderrIsTty) return false;
  return questions.some(({ name, required }) => required === true && input[name] === undefined);
}
