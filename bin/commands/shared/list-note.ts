import type { CommandContext } from '../../cli/context.ts';

/** A list that was cut short says so; whoever counts its lines would be misled. */
export async function noteMore(
  ctx: CommandContext,
  found: { readonly items: readonly unknown[]; readonly more: boolean },
): Promise<void> {
  if (found.more)
    await ctx.note(
      found.items.length === 1
        ? 'There are more than this one: --all shows them'
        : `There are more than these ${found.items.length}: --all shows them`,
    );
}
