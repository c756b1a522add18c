import type { CommandContext } from '../cli/context.ts';

/** Kinds of values that completion looks up when TAB is pressed. */
export const liveKinds = ['contexts'] as const;
export type LiveValues = (typeof liveKinds)[number];

type Lookup = (ctx: CommandContext) => Promise<readonly string[]>;

const lookups: { readonly [Kind in LiveValues]: Lookup } = {
  contexts: async (ctx) => Object.keys((await ctx.store.config.read()).contexts),
};

/** The values of that kind; none when they cannot be had, since a TAB is no place for an error. */
export async function liveValues(
  kind: LiveValues,
  ctx: CommandContext,
): Promise<readonly string[]> {
  try {
    return await lookups[kind](ctx);
  } catch {
    return [];
  }
}
