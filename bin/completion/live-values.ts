import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandContext } from '../cli/context.ts';
import type { CatalogueLevel } from '../client/catalogue.ts';

/** Kinds of values that completion looks up when TAB is pressed. */
export const liveKinds = [
  'contexts',
  'clients',
  'keys',
  'members',
  'roles',
  'destinations',
  'leads',
  'deliveries',
  'industries',
  'categories',
  'products',
  'sources',
  'users',
  'tokens',
  'methods',
  'paths',
  'operations',
] as const;
export type LiveValues = (typeof liveKinds)[number];

type Lookup = (ctx: CommandContext) => Promise<readonly string[]>;

const lookups: { readonly [Kind in LiveValues]: Lookup } = {
  contexts: async (ctx) => Object.keys((await ctx.store.config.read()).contexts),
  clients: async (ctx) => await (await import('./gateway-values.ts')).clientIds(ctx),
  keys: async (ctx) => await (await import('./gateway-values.ts')).keyNames(ctx),
  members: async (ctx) => await (await import('./gateway-values.ts')).memberEmails(ctx),
  roles: async (ctx) => await (await import('./gateway-values.ts')).roleNames(ctx),
  destinations: async (ctx) => await (await import('./gateway-values.ts')).destinationNames(ctx),
  leads: async (ctx) => await (await import('./gateway-values.ts')).leadIds(ctx),
  deliveries: async (ctx) => await (await import('./gateway-values.ts')).deliveryIds(ctx),
  industries: (ctx) => catalogue(ctx, 'industry'),
  categories: (ctx) => catalogue(ctx, 'category'),
  products: (ctx) => catalogue(ctx, 'product'),
  sources: async (ctx) => await (await import('./gateway-values.ts')).sourceNames(ctx),
  users: async (ctx) => await (await import('./gateway-values.ts')).userEmails(ctx),
  tokens: async (ctx) => await (await import('./gateway-values.ts')).tokenNames(ctx),
  methods: async () => (await import('./operation-values.ts')).METHODS,
  paths: async () => await (await import('./operation-values.ts')).paths(),
  operations: async () => await (await import('./operation-values.ts')).operations(),
};

async function catalogue(ctx: CommandContext, level: CatalogueLevel): Promise<readonly string[]> {
  return await (await import('./gateway-values.ts')).cataloguePaths(ctx, level);
}

/** Somebody waits with the finger on TAB: after this there are no values. */
const TIMEOUT_MS = 1_000;

/** The values of that kind, within a second; none when they cannot be had, since a TAB is no place for an error. */
export async function liveValues(
  kind: LiveValues,
  ctx: CommandContext,
): Promise<readonly string[]> {
  const over = new AbortController();
  const tooLate = sleep(TIMEOUT_MS, [], { signal: over.signal });
  try {
    return await Promise.race([lookups[kind](ctx), tooLate]);
  } catch {
    return [];
  } finally {
    tooLate.catch(() => undefined);
    over.abort();
  }
}
