import * as z from 'zod';
import { productContract } from '../../../daemons/product/contract.ts';
import { bodyOf } from '../../cli/api-error.ts';
import { type DefineCommand, defineVerb } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/context.ts';
import { ifNotExistsOption } from '../../cli/specs.ts';
import {
  type CatalogueEntry,
  type CatalogueLevel,
  findInCatalogue,
  listCatalogue,
  pathParts,
} from '../../client/catalogue.ts';
import { connect, type Gateway } from '../../client/gateway.ts';
import type { Column } from '../../ui/columns.ts';

const columns: readonly Column<CatalogueEntry>[] = [
  { header: 'PATH', value: (row) => row.path, keep: true },
  { header: 'ID', value: (row) => row.id, id: true },
];

const entryView = {
  columns,
  name: (row: CatalogueEntry) => row.path,
  empty: 'The catalogue is empty here. Try: leadctl industry create Auto',
};

const PATHS: { readonly [Level in CatalogueLevel]: string } = {
  industry: 'Auto',
  category: 'Auto/SUV',
  product: 'Auto/SUV/Roadster',
};
const LIVE = { industry: 'industries', category: 'categories', product: 'products' } as const;
const PARENTS = { industry: undefined, category: 'industry', product: 'category' } as const;

export const defineIndustry: DefineCommand = (noun, cli) => defineLevel('industry', noun, cli);
export const defineCategory: DefineCommand = (noun, cli) => defineLevel('category', noun, cli);

/** What a level has beyond the others. */
interface LevelExtras {
  /** `ls` of what a client has of it, where one is named by `--client`. */
  readonly listOfClient?: (ctx: CommandContext, inside?: string) => Promise<void>;
}

/** `create`, `ls` and `rm` of one level of the catalogue; things are named by their path. */
export function defineLevel(
  level: CatalogueLevel,
  noun: Parameters<DefineCommand>[0],
  cli: Parameters<DefineCommand>[1],
  { listOfClient }: LevelExtras = {},
): void {
  const path = PATHS[level];
  const parent = PARENTS[level];
  defineVerb(noun, cli, 'create', {
    summary: `Create a ${level}${parent === undefined ? '' : `; what its path goes through must be there`}`,
    args: [{ name: '[path]', help: `e.g. ${path}` }],
    guided: [{ name: 'path', ask: `Path of the ${level}, e.g. ${path}`, required: true }],
    options: [
      ifNotExistsOption,
      ...(parent === undefined
        ? []
        : [{ flags: '--parents', help: 'create what its path goes through as well' }]),
    ],
    input: z.object({
      path: z.string(),
      ifNotExists: z.boolean().default(false),
      parents: z.boolean().default(false),
    }),
    examples: [
      `leadctl ${level} create ${path}`,
      `leadctl ${level} create ${path} --if-not-exists`,
      ...(parent === undefined ? [] : [`leadctl ${level} create ${path} --parents`]),
    ],
    run: async (ctx, given) => createEntry(ctx, level, given),
  });
  defineVerb(noun, cli, 'ls', {
    summary:
      listOfClient === undefined
        ? 'List what there is, by name'
        : 'List what there is, by name; with --client what that client offers',
    options: parent === undefined ? [] : [{ flags: `--in <path>`, help: `only of this ${parent}` }],
    input: z.object({ in: z.string().optional() }),
    examples: [
      `leadctl ${level} ls`,
      ...(parent === undefined ? [] : [`leadctl ${level} ls --in ${PATHS[parent]}`]),
      ...(listOfClient === undefined ? [] : [`leadctl ${level} ls --client acme`]),
    ],
    run: async (ctx, given) => {
      // Only where it is asked for: whoever works on one client has that named all the time.
      if (listOfClient !== undefined && ctx.flags.client !== undefined) {
        await listOfClient(ctx, given.in);
        return;
      }
      const gateway = await connect(ctx);
      const inside =
        parent === undefined || given.in === undefined
          ? undefined
          : await findInCatalogue(gateway, parent, given.in);
      await ctx.render({ ...entryView, rows: await listCatalogue(gateway, level, inside) });
    },
  });
  defineVerb(noun, cli, 'rm', {
    summary: `Delete a ${level} that is not in use`,
    args: [{ name: '<path>', help: `path or id, e.g. ${path}`, complete: LIVE[level] }],
    input: z.object({ path: z.string() }),
    examples: [`leadctl ${level} rm ${path} --yes`],
    run: async (ctx, given) => {
      const gateway = await connect(ctx);
      const { id, path } = await findInCatalogue(gateway, level, given.path);
      await ctx.confirm({ question: `Delete the ${level} '${path}' (${id})?` });
      await removeEntry(gateway, level, id);
      await ctx.note(`Deleted '${path}'`);
    },
  });
}

async function createEntry(
  ctx: CommandContext,
  level: CatalogueLevel,
  {
    path,
    ifNotExists,
    parents,
  }: { readonly path: string; readonly ifNotExists: boolean; readonly parents: boolean },
): Promise<void> {
  const gateway = await connect(ctx);
  const parts = pathParts(level, path);
  const name = parts.at(-1) ?? path;
  const parentLevel = PARENTS[level];
  const above = parts.slice(0, -1);
  const parent =
    parentLevel === undefined
      ? undefined
      : parents
        ? await ensurePath(gateway, parentLevel, above)
        : await findInCatalogue(gateway, parentLevel, above.join('/'));
  const made = await callCreate(gateway, level, name, parent);
  if (ifNotExists && !made.ok && made.problem.code === 'conflict') {
    await ctx.render({ ...entryView, item: await findInCatalogue(gateway, level, path) });
    await ctx.note(`'${path}' exists already`);
    return;
  }
  const { id } = bodyOf(made);
  await ctx.render({ ...entryView, item: { id, name, path: parts.join('/') } });
}

/** What stands at the path; what is missing on the way is made. */
async function ensurePath(
  gateway: Gateway,
  level: CatalogueLevel,
  parts: readonly string[],
): Promise<CatalogueEntry> {
  const parentLevel = PARENTS[level];
  const parent =
    parentLevel === undefined
      ? undefined
      : await ensurePath(gateway, parentLevel, parts.slice(0, -1));
  const name = parts.at(-1) ?? '';
  const made = await callCreate(gateway, level, name, parent);
  const path = parts.join('/');
  if (!made.ok && made.problem.code === 'conflict') {
    return await findInCatalogue(gateway, level, path);
  }
  return { id: bodyOf(made).id, name, path };
}

async function callCreate(
  gateway: Gateway,
  level: CatalogueLevel,
  name: string,
  parent: CatalogueEntry | undefined,
) {
  const products = gateway.of(productContract);
  if (level === 'industry' || parent === undefined) {
    return await products.call('createIndustry', { body: { name } });
  }
  return level === 'category'
    ? await products.call('createCategory', { body: { name, industry_id: parent.id } })
    : await products.call('createProduct', { body: { name, category_id: parent.id } });
}

async function removeEntry(gateway: Gateway, level: CatalogueLevel, id: string): Promise<void> {
  const products = gateway.of(productContract);
  const removals = {
    industry: () => products.call('deleteIndustry', { params: { industry_id: id } }),
    category: () => products.call('deleteCategory', { params: { category_id: id } }),
    product: () => products.call('deleteProduct', { params: { product_id: id } }),
  };
  bodyOf(await removals[level]());
}
