import type { CommandContext } from '../cli/context.ts';

/** Kinds of values that completion looks up when TAB is pressed. */
export const liveKinds = ['contexts', 'clients', 'keys', 'members', 'roles'] as const;
export type LiveValues = (typeof liveKinds)[number];

type Lookup = (ctx: CommandContext) => Promise<readonly string[]>;

const lookups: { readonly [Kind in LiveValues]: Lookup } = {
  contexts: async (ctx) => Object.keys((await ctx.store.config.read()).contexts),
  clients: async (ctx) => await (await import('./gateway-values.ts')).clientIds(ctx),
  keys: async (ctx) => await (await import('./gateway-values.ts')).keyNames(ctx),
  members: async (ctx) => await (await import('./gateway-values.ts')).memberEmails(ctx),
  roles: async (ctx) => await (await import('./gateway-values.ts')).roleNames(ctx),
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
