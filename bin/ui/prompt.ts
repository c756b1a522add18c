import { createInterface } from 'node:readline/promises';
import { cancelled, interrupted, usageError } from '../cli/failure.ts';
import type { Io } from '../io.ts';
import { visible } from './text.ts';

export interface Confirmation {
  /** What is about to happen and to what, e.g. `Revoke the key 'website' of acme?` */
  readonly question: string;
  /** For the severe: this must be typed, a `y` is not enough. */
  readonly typed?: string;
}

/**
 * Returns when the answer is yes. `--yes` answers it beforehand; a no is a `CliError` (exit 3), and so is
 * a missing answer where nobody can be asked (exit 2, naming the flag).
 */
export async function confirm(io: Io, asked: Confirmation, yes: boolean): Promise<void> {
  if (yes) return;
  if (!io.stdinIsTty || !io.stderrIsTty) {
    throw usageError(`${asked.question} There is no terminal to ask at`, 'add --yes to do it');
  }
  const { typed } = asked;
  const hint = typed === undefined ? '[y/N]' : `Type '${visible(typed)}' to go on:`;
  const answer = await ask(io, `${visible(asked.question)} ${hint} `);
  const agreed = typed === undefined ? /^y(es)?$/i.test(answer) : answer === typed;
  if (!agreed) throw cancelled();
}

/** One line from the terminal; the question goes to stderr, since stdout is data. Ctrl-D counts as nothing. */
async function ask(io: Io, question: string): Promise<string> {
  const lines = createInterface({
    input: io.stdin,
    output: io.stderr,
    terminal: io.terminal !== undefined,
  });
  const left = Promise.withResolvers<undefined>();
  lines.once('SIGINT', () => left.reject(interrupted()));
  lines.once('close', () => left.resolve(undefined));
  let answer: string | undefined;
  try {
    answer = await Promise.race([lines.question(question), left.promise]);
    return answer?.trim() ?? '';
  } finally {
    // Without Enter the cursor is still behind the question.
    if (answer === undefined) io.stderr.write('\n');
    lines.close();
  }
}
