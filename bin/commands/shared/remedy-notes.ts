import type { CommandContext } from '../../cli/context.ts';

/** Something that was looked at, and the command that mends it. */
export interface Looked {
  readonly title: string;
  readonly status: string;
  readonly message: string;
  readonly remedy: string | null;
}

const MOST_LINES = 12;

/** Below a table, what is wrong once more, whole: a command that was cut or broken could not be pasted. */
export async function noteRemedies(ctx: CommandContext, all: readonly Looked[]): Promise<void> {
  if (ctx.flags.output !== 'table' || !ctx.io.stdoutIsTty) return;
  // Only here: measuring wide characters takes long to load.
  const { wrap } = await import('../../ui/width.ts');
  for (const { title, status, message, remedy } of all) {
    if (status !== 'failed' && status !== 'warning') continue;
    const told = wrap(message, ctx.io.columns - 2, MOST_LINES).join('\n  ');
    await ctx.note(`\n${status}: ${title}\n  ${told}${remedy === null ? '' : `\n  → ${remedy}`}`);
  }
}
